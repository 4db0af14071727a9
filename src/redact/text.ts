/** One text without what must not leave: from left to right, each place looked at once. */
import { BACKSLASH, endOf, folded, isAlnum, isAtom, isHexDigit, printedControl } from './characters.js';
import { dnsEnd, hostPseudonym, isDnsName } from './hosts.js';
import { image } from './images.js';
import { labelledName } from './labels.js';
import type { KnownAt, Names } from './names.js';
import { colonAddress, ipv4, mail, sid, url } from './network.js';
import { backslashPath, drivePath, relativePath, slashPath, variablePath } from './paths.js';
import type { Context, Span } from './span.js';

const isBackslash = (code: number): boolean => code === BACKSLASH;
/** What a path or an address may begin with. */
const SIGNS = new Set([...'\\/%:'].map((sign) => sign.charCodeAt(0)));

/** Finds the names in a text, which are known from then on, and gives the text without them. */
export function redactedText(names: Names, text: string): string {
  const context: Context = { text, low: folded(text), names, redacted: (part) => redactedText(names, part) };
  const out: string[] = [];
  let copied = 0;
  let atomEnd = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (!isAlnum(code) && !SIGNS.has(code)) {
      at++;
      continue;
    }
    let found: Span | null;
    let next: number;
    if (isAlnum(code)) {
      next = endOf(text, at, isAlnum);
      const isAtomStart = at >= atomEnd;
      if (isAtomStart) atomEnd = endOf(text, next, isAtom);
      found = atWord(context, at, next, isAtomStart ? trimmed(text, next, atomEnd) : null);
    } else {
      const control = printedControl(text, at);
      found = control > 0 ? null : atSign(context, at, code);
      next = control > 0 ? at + control : code === BACKSLASH ? endOf(text, at, isBackslash) : at + 1;
    }
    if (found !== null && found.end > at) {
      out.push(text.slice(copied, at), found.out);
      at = found.end;
      copied = at;
    } else at = next;
  }
  if (copied === 0) return text;
  out.push(text.slice(copied));
  return out.join('');
}

/** A sentence's own signs behind a name are no part of it. */
function trimmed(text: string, from: number, atomEnd: number): number {
  let end = atomEnd;
  while (end > from && !isAlnum(text.charCodeAt(end - 1)) && text[end - 1] !== '_' && text[end - 1] !== '$') end--;
  return end;
}

function atSign(context: Context, at: number, code: number): Span | null {
  if (code === BACKSLASH) return backslashPath(context, at);
  if (code === 47) return slashPath(context, at);
  if (code === 37) return variablePath(context, at);
  if (code === 58 && context.text[at + 1] === ':') return colonAddress(context, at);
  return null;
}

/** `atomEnd` is null inside of an atom. */
function atWord(context: Context, at: number, runEnd: number, atomEnd: number | null): Span | null {
  const { text } = context;
  const next = text[runEnd];
  let found: Span | null = null;
  if (next === ':') found = drivePath(context, at, runEnd) ?? url(context, at, runEnd);
  if (found === null && next === '-') found = sid(context, at);
  if (found === null && next === '.') found = ipv4(context, at);
  if (found === null && next === ':' && isHexDigit(text.charCodeAt(at))) found = colonAddress(context, at);
  found ??= labelledName(context, at, runEnd);
  const isMore = atomEnd !== null && (atomEnd > runEnd || next === '@' || next === '\\' || next === '/');
  if (found === null && isMore) found = atAtom(context, at, atomEnd);
  return found ?? knownName(context, at, runEnd) ?? cutName(context, at, runEnd);
}

function atAtom(context: Context, at: number, atomEnd: number): Span | null {
  const { text, low, names } = context;
  const next = text[atomEnd];
  if (next === '\\' || next === '/') {
    const found = relativePath(context, at, atomEnd);
    if (found !== null) return found;
  }
  const atom = low.slice(at, atomEnd);
  if (!atom.includes('.')) return next === '@' ? mail(context, at, atomEnd) : null;
  if (atom.endsWith('.sys')) names.drivers.add(atom.slice(0, -4));
  const found = mail(context, at, atomEnd) ?? image(context, at, atomEnd);
  if (found !== null || next === '!' || !isDnsName(atom)) return found;
  return { end: atomEnd, out: hostPseudonym(names, 'server', atom) };
}

function knownName(context: Context, at: number, runEnd: number): Span | null {
  const second = secondStart(context.text, at, runEnd);
  return knownFrom(context, at, at, runEnd) ?? (second === at ? null : knownFrom(context, at, second, runEnd));
}

function knownFrom(context: Context, at: number, from: number, runEnd: number): Span | null {
  const { low, names } = context;
  const known = names.knownAt(low, from, runEnd);
  if (known === null || isDriver(context, from, known)) return null;
  const isHost = known.kind === 'host' || known.kind === 'server';
  const end = isHost ? dnsEnd(low, known.end) : known.end;
  return { end, out: context.text.slice(at, from) + known.pseudonym };
}

/** A name may follow an escape that looks like its first letters: `\nBOX`, `\u0020BOX`, `%20BOX`. */
function secondStart(text: string, at: number, runEnd: number): number {
  const before = text[at - 1];
  if (before === '%') return /^[0-9a-f]{2}/i.test(text.slice(at, at + 2)) ? at + 2 : at;
  if (before !== '\\') return at;
  if (/^u[0-9a-f]{4}/i.test(text.slice(at, at + 5))) return at + 5;
  if (/^x[0-9a-f]{2}/i.test(text.slice(at, at + 3))) return at + 3;
  return 'nrt'.includes(text[at]) && runEnd > at + 1 ? at + 1 : at;
}

/** Names of drivers stay, even where a process is called the same: `acme.sys`, `acme!Isr` where there is an `acme.sys`. */
function isDriver({ low, names }: Context, from: number, { end }: KnownAt): boolean {
  if (low.startsWith('.sys', end) && !isAlnum(low.charCodeAt(end + 4))) return true;
  const isCode = low[end] === '!' || low.startsWith('+0x', end);
  return isCode && names.drivers.has(low.slice(from, end));
}

/** The beginning of a known name in front of `…`. */
function cutName({ text, low, names }: Context, at: number, runEnd: number): Span | null {
  return text[runEnd] === '…' && names.beginsOne(low.slice(at, runEnd)) ? { end: runEnd, out: '' } : null;
}
