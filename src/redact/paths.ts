/** Paths of files: of drives, of servers, of devices, below a root, relative ones; and `DOMAIN\user`, which looks like one. */
import { BACKSLASH, endOf, indexWithin, isAlnum, isAtom, isSlash, printedControl } from './characters.js';
import { hostPseudonym, isKeptHost } from './hosts.js';
import { processPseudonym, withoutArguments } from './images.js';
import { userPseudonym } from './labels.js';
import { ipv4End } from './network.js';
import { extensionOf, pathEnd } from './path-end.js';
import type { Context, Span } from './span.js';
import { isWindowsProcess, KEPT_ROOTS, WINDOWS_ACCOUNTS } from './windows-names.js';

/** What is longer goes on as a path of its own. */
const LONGEST_PATH = 512;

const isBackslash = (code: number): boolean => code === BACKSLASH;

/** `C:\Users\jo\plan.docx`, `c:/logs/x.log`. The root alone says nothing. */
export function drivePath(context: Context, at: number, runEnd: number): Span | null {
  const { text } = context;
  if (runEnd !== at + 1 || text[runEnd] !== ':' || !isSlash(text.charCodeAt(runEnd + 1))) return null;
  const from = endOf(text, runEnd + 1, isSlash);
  if (!startsName(text, from)) return null;
  return pathSpan(context, at, pathEnd(text, at, from));
}

/** `%USERPROFILE%\x.log` */
export function variablePath(context: Context, at: number): Span | null {
  const found = /^%[A-Za-z_][\w()]{1,30}%[\\/]{1,4}/.exec(context.text.slice(at, at + 40));
  if (found === null) return null;
  return pathSpan(context, at, pathEnd(context.text, at, at + found[0].length));
}

/** What begins with one backslash or more. */
export function backslashPath(context: Context, at: number): Span | null {
  const { text, low } = context;
  const run = endOf(text, at, isBackslash);
  const prefix = /^(?:\?\?|\?|\.|global\?\?|dosdevices)\\{1,4}/.exec(low.slice(run, run + 20));
  if (prefix !== null) return behindPrefix(context, at, run + prefix[0].length);
  if (isAlnum(text.charCodeAt(at - 1)) || (text[at - 1] === ':' && run - at === 1)) return null;
  return run - at > 1 ? serverPath(context, at, run) : rootedPath(context, at, run);
}

/** `\\?\UNC\server\share`, `\??\C:\x`, `\\.\pipe\x`, `\\.\PhysicalDrive0`. */
function behindPrefix(context: Context, at: number, from: number): Span {
  const { text, low } = context;
  const unc = /^unc\\{1,4}/.exec(low.slice(from, from + 7));
  const prefix = text.slice(at, from);
  if (unc !== null) {
    const host = from + unc[0].length;
    const found = serverPath(context, at, host);
    return found === null ? { end: host, out: text.slice(at, host) } : found;
  }
  const drive = drivePath(context, from, from + 1);
  if (drive !== null) return { end: drive.end, out: prefix + drive.out };
  const end = startsName(text, from) ? pathEnd(text, at, from) : from;
  if (!text.slice(from, end).includes('\\')) return { end: from, out: prefix };
  return { end, out: prefix + pathSpan(context, from, end).out };
}

/** A server from `host` on, with share and folders; `start` is where its backslashes begin. */
function serverPath(context: Context, start: number, host: number): Span | null {
  const { text, low, names } = context;
  const hostEnd = trimmedEnd(
    text,
    host,
    endOf(text, host, (code) => isAlnum(code) || code === 45 || code === 46 || code === 95 || code === 36),
  );
  const name = low.slice(host, hostEnd);
  if (!/[\p{L}\p{N}]/u.test(name)) return null;
  const isAddress = ipv4End(name, 0) === name.length;
  const shown = isKeptHost(name) ? name : isAddress ? names.of('ip', name) : hostPseudonym(names, 'server', name);
  const front = text.slice(start, host) + shown;
  const from = endOf(text, hostEnd, isBackslash);
  if (from === hostEnd || !startsName(text, from)) return { end: hostEnd, out: front };
  const { end, out } = pathSpan(context, host, pathEnd(text, start, from));
  return { end, out: front + text.slice(hostEnd, from) + out };
}

/** Redirectors: what stands behind them is a server. */
const REDIRECTORS = new Set([
  'mup',
  'lanmanredirector',
  'webdavredirector',
  'dfsclient',
  'nfsrdr',
  'rdpdr',
  'hgfs',
  'vboxminirdr',
]);
const DEVICE_PART = /^(?:dr|dp|partition|harddisk|volume)[\d()-]/;

function rootedPath(context: Context, at: number, from: number): Span | null {
  const { text, low } = context;
  if (!startsName(text, from) || printedControl(text, at) > 0) return null;
  const end = pathEnd(text, at, from);
  const parts = low.slice(from, end).split(/[\\/]+/);
  const [first, second, third] = parts;
  if (first === 'device') {
    if (REDIRECTORS.has(second)) return redirected(context, at, from, end);
    if (parts.length < 3 || (parts.length === 3 && DEVICE_PART.test(third))) return null;
    return pathSpan(context, at, end);
  }
  if (KEPT_ROOTS.has(first.split(' ')[0]) && !/^(?:service|manager|host|control|driver )/.test(first)) return null;
  if (parts.length < 2 || (first === 'windows' && parts.length === 2)) {
    if (extensionOf(parts[parts.length - 1]) === '') return null;
  }
  return pathSpan(context, at, end);
}

/** `\Device\Mup\;LanmanRedirector\;Z:00\server\share\x`: parts that begin with `;` and names of redirectors come first. */
function redirected(context: Context, at: number, from: number, end: number): Span {
  const { text, low } = context;
  let host = endOf(
    text,
    endOf(text, from, (code) => !isBackslash(code)),
    isBackslash,
  );
  for (;;) {
    const partEnd = endOf(text, host, (code) => !isBackslash(code) && code > 32);
    const part = low.slice(host, partEnd);
    if (partEnd >= text.length || !(part.startsWith(';') || REDIRECTORS.has(part))) break;
    host = endOf(text, partEnd, isBackslash);
  }
  return serverPath(context, at, host) ?? { end: Math.max(end, host), out: text.slice(at, Math.max(end, host)) };
}

/** `/home/jo/x.log`, `//server/share/x`. */
export function slashPath(context: Context, at: number): Span | null {
  const { text } = context;
  const before = text.charCodeAt(at - 1);
  if (isAlnum(before) || '/:<\\)'.includes(text[at - 1] ?? ' ')) return null;
  const from = endOf(text, at, isSlash);
  if (!startsName(text, from)) return null;
  if (from - at === 2 && /^[\w.-]{1,255}\/\w/.test(text.slice(from, from + 258)))
    return forwardServer(context, at, from);
  const end = slashEnd(text, from);
  const parts = text.slice(from, end).split('/');
  if (parts.length < 2 && extensionOf(parts[0]) === '') return null;
  return pathSpan(context, at, end);
}

function forwardServer(context: Context, at: number, host: number): Span {
  const { text, low, names } = context;
  const hostEnd = text.indexOf('/', host);
  const end = slashEnd(text, hostEnd + 1);
  const server = hostPseudonym(names, 'server', low.slice(host, hostEnd));
  return { end, out: `${text.slice(at, host)}${server}/${pathSpan(context, host, end).out}` };
}

const slashEnd = (text: string, from: number): number =>
  trimmedEnd(
    text,
    from,
    endOf(text, from, (code) => isAtom(code) || code === 47 || code === 33 || code === 64 || code === 58, LONGEST_PATH),
  );

/** `CORP\jo`, `logs\day\x.log`, `captures/x.log`: what begins with a name. `atomEnd` is behind that. */
export function relativePath(context: Context, at: number, atomEnd: number): Span | null {
  const { text, low } = context;
  if (text[at - 1] === '\\') return null;
  if (text[atomEnd] === '/') {
    const end = slashEnd(text, atomEnd);
    return extensionOf(text.slice(at, end)) === '' || isUnit(text, end) ? null : pathSpan(context, at, end);
  }
  const first = low.slice(at, atomEnd);
  if (text[atomEnd] !== '\\' || KEPT_ROOTS.has(first) || /^service-0x/.test(first) || printedControl(text, atomEnd) > 0)
    return null;
  const from = endOf(text, atomEnd, isBackslash);
  if (!startsName(text, from)) return null;
  if (isAfterEscape(context, from)) return null;
  const end = pathEnd(text, at, from);
  const isQuoted = text[at - 1] === '"' || text[at - 1] === "'";
  const blank = isQuoted ? -1 : indexWithin(text, ' ', at, end - at);
  // `CORP\jo and CORP\al` are two accounts, not a path with blanks.
  const parts = text.slice(at, blank < 0 ? end : Math.min(blank, end)).split(/\\+/);
  if (parts.length > 2 || extensionOf(parts[1]) !== '') return pathSpan(context, at, end);
  return /\p{L}/u.test(first) ? account(context, at, atomEnd, from) : null;
}

/** A known name behind `\n`, as JSON writes the end of a line. */
const isAfterEscape = ({ text, low, names }: Context, from: number): boolean =>
  'nrt'.includes(text[from]) && names.knownAt(low, from + 1, endOf(text, from + 1, isAlnum)) !== null;

const isUnit = (text: string, end: number): boolean => text[end] === '/';

function account({ text, low, names }: Context, at: number, atomEnd: number, from: number): Span {
  const end = trimmedEnd(
    text,
    from,
    endOf(text, from, (code) => isAtom(code) && code !== 38),
  );
  const user = text.slice(from, end);
  const domain = hostPseudonym(names, 'domain', low.slice(at, atomEnd));
  const shown = WINDOWS_ACCOUNTS.has(user.toLowerCase()) ? user : userPseudonym(names, user);
  return { end, out: domain + text.slice(atomEnd, from) + shown };
}

const startsName = (text: string, at: number): boolean =>
  at < text.length && (isAlnum(text.charCodeAt(at)) || '_$%~.-{([@#+'.includes(text[at]));

function trimmedEnd(text: string, from: number, end: number): number {
  let trimmed = end;
  while (trimmed > from && '.-:!@&%#~+'.includes(text[trimmed - 1])) trimmed--;
  return trimmed;
}

/** One of Windows' own files, by where it lies and what it is called. */
function isWindowsFile(path: string): boolean {
  const plain = path
    .replace(/[\\/]+/g, '\\')
    .replace(/^[a-z]:|^\\device\\harddiskvolume\d{1,4}/, '')
    .replace(/^%(?:systemroot|windir)%/, '\\windows')
    .replace(/^\\(?:systemroot|winnt)\\/, '\\windows\\');
  if (/^\\(?:pagefile|swapfile|hiberfil)\.sys$|^\\windows(?:\\(?:system32|syswow64)(?:\\drivers)?)?\\?$/.test(plain))
    return true;
  const found = /^(?:\\windows\\)?(?:system32|syswow64|sysnative)\\(?:drivers\\)?([^\\]{1,200})$/.exec(plain);
  if (found === null) return /^\\windows\\[^\\]{1,200}\.exe$/.test(plain) && isWindowsProcess(plain);
  return /\.(?:sys|dll|drv)$/.test(found[1]) || (found[1].endsWith('.exe') && isWindowsProcess(found[1]));
}

/** Names of files by which they are found elsewhere; names of modules stay, and symbol files are called as modules are. */
const NOT_LEARNED = new Set([
  '',
  '.exe',
  '.sys',
  '.dll',
  '.drv',
  '.ocx',
  '.cpl',
  '.pdb',
  '.mui',
  '.nls',
  '.man',
  '.cat',
]);

function pathSpan(context: Context, at: number, pathEndsAt: number): Span {
  const { text, low, names } = context;
  const end = Math.max(pathEndsAt, userEnd(context, at, pathEndsAt));
  const exe = low.slice(at, end).search(/\.exe(?![\p{L}\p{N}.])/u);
  // Behind an image its arguments may stand in the same quotes.
  const stop = exe < 0 ? end : at + exe + 4;
  const path = low.slice(at, stop).replace(/[\\/]+/g, '\\');
  const parts = path.split('\\');
  const name = parts[parts.length - 1];
  learnUser(names, text.slice(at, stop).split(/[\\/]+/));
  if (isWindowsFile(path)) return ended(context, at, stop, text.slice(at, stop));
  if (name.endsWith('.exe') && !isWindowsProcess(name))
    return withoutArguments(context, at, stop, `${processPseudonym(names, name)}.exe`);
  const extension = extensionOf(name);
  const pseudonym = `${names.of('path', path)}${extension}`;
  if (!NOT_LEARNED.has(extension) && name.length > 4) names.learn('path', name, pseudonym);
  return ended(context, at, stop, pseudonym);
}

const ended = (context: Context, at: number, end: number, out: string): Span =>
  context.low.endsWith('.exe', end) ? withoutArguments(context, at, end, out) : { end, out };

const HOMES = new Set(['users', 'documents and settings', 'home', 'profiles']);

function learnUser(names: Context['names'], parts: readonly string[]): void {
  const home = parts.findIndex((part, i) => i < 4 && HOMES.has(part.toLowerCase()));
  const user = home < 0 ? undefined : parts[home + 1];
  if (user === undefined || user === '' || extensionOf(user) !== '') return;
  if (!WINDOWS_ACCOUNTS.has(user.toLowerCase().replace(/\s/g, '-'))) userPseudonym(names, user);
}

/** A home without anything behind it: the user's name may have blanks in it, as is known from elsewhere. */
function userEnd({ text, low, names }: Context, at: number, end: number): number {
  const parts = low.slice(at, end).split(/[\\/]+/);
  if (parts.length < 2 || !HOMES.has(parts[parts.length - 2])) return end;
  const from = end - parts[parts.length - 1].length;
  return names.knownAt(low, from, endOf(text, from, isAlnum))?.end ?? end;
}
