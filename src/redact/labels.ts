/** Names behind their labels: `User: jo`, `user=jo`, `<Computer>BOX</Computer>`, `<Data Name='SubjectUserName'>jo</Data>`. */
import { endOf, indexWithin, isAlnum } from './characters.js';
import { hostPseudonym } from './hosts.js';
import { argumentsEnd, commandLine, processPseudonym } from './images.js';
import { ipv4End } from './network.js';
import { PLAIN_WORDS } from './plain-words.js';
import type { Context, Span } from './span.js';
import { isWindowsProcess, WINDOWS_ACCOUNTS } from './windows-names.js';

type Label = 'user' | 'domain' | 'host' | 'server' | 'process' | 'command';

const labelled = (label: Label, names: string): [string, Label][] => names.split('|').map((name) => [name, label]);

/** Also as the event viewer prints them in other languages. */
const LABELS: ReadonlyMap<string, Label> = new Map([
  ...labelled(
    'user',
    'user|username|user name|userid|user id|account|account name|accountname|logon account|subjectusername|targetusername|samaccountname|' +
      'upn|login|login name|loginname|logonname|logon name|run as|runas|owner name|benutzer|utilisateur|usuario|utente|usuário|' +
      'utilizador|gebruiker|użytkownik|пользователь|ユーザー|用户|使用者|사용자',
  ),
  ...labelled(
    'domain',
    'account domain|subjectdomainname|targetdomainname|domain|domain name|domainname|userdomain|workgroup',
  ),
  ...labelled(
    'host',
    'computer|computername|computer name|machine|machine name|machinename|host|hostname|host name|workstation|workstation name|workstationname|' +
      'client name|clientname|client machine|nodename|ordinateur|equipo|computador|komputer|компьютер|コンピューター|计算机|電腦|컴퓨터',
  ),
  ...labelled(
    'server',
    'server|servername|server name|targetservername|target server|remote host|remotehost|fqdn|dns name',
  ),
  ...labelled('process', 'image|imagename|image name|process name|processname|newprocessname|parentprocessname'),
  ...labelled(
    'command',
    'commandline|command line|cmdline|cmd line|processcommandline|parentcommandline|parent command line',
  ),
]);

/** First words of labels: most words are none. */
const FIRST_WORDS: ReadonlySet<string> = new Set([...LABELS.keys()].map((label) => label.split(' ')[0]));
const LONGEST_FIRST = Math.max(...[...FIRST_WORDS].map(({ length }) => length));

const LONGEST_VALUE = 256;

/** The label that stands at `at` (its first word ends at `runEnd`) with its value; null where there is none, or it names nobody. */
export function labelledName(context: Context, at: number, runEnd: number): Span | null {
  const found = labelAt(context.low, at, runEnd);
  if (found === null) return null;
  const value = valueAt(context.text, found.end);
  if (value === null) return null;
  const { text } = context;
  if (found.label === 'command') {
    const end = argumentsEnd(text, value.from, value.quote);
    return { end, out: text.slice(at, value.from) + commandLine(context, text.slice(value.from, end)) };
  }
  const end = valueEnd(text, value);
  const name = text.slice(value.from, end);
  const out = namesNobody(name) ? null : pseudonymOf(context, found.label, name);
  return out === null ? null : { end, out: text.slice(at, value.from) + out };
}

function labelAt(low: string, at: number, runEnd: number): { readonly label: Label; readonly end: number } | null {
  if (runEnd - at > LONGEST_FIRST || !FIRST_WORDS.has(low.slice(at, runEnd))) return null;
  const joint = low[runEnd];
  if (joint === ' ' || joint === '_' || joint === '-') {
    const end = endOf(low, runEnd + 1, isAlnum, 24);
    const label = end - at > 24 ? undefined : LABELS.get(`${low.slice(at, runEnd)} ${low.slice(runEnd + 1, end)}`);
    if (label !== undefined) return { label, end };
  }
  const label = LABELS.get(low.slice(at, runEnd));
  return label === undefined ? null : { label, end: runEnd };
}

interface Value {
  readonly from: number;
  readonly quote: string | null;
  readonly isMarkup: boolean;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;
const isQuote = (one: string): boolean => one === '"' || one === "'";

function valueAt(text: string, labelEnd: number): Value | null {
  const closed = isQuote(text[labelEnd]) ? labelEnd + 1 : labelEnd;
  const isMarkup = text[closed] === '>';
  const sign = isMarkup ? closed : endOf(text, closed, isBlank);
  if (!isMarkup && text[sign] !== '=' && text[sign] !== ':') return null;
  if (text[sign + 1] === ':' || text[sign + 1] === '=' || sign - closed > 16) return null;
  const from = endOf(text, sign + 1, isBlank);
  const isQuoted = !isMarkup && isQuote(text[from]);
  return { from: isQuoted ? from + 1 : from, quote: isQuoted ? text[from] : null, isMarkup };
}

const VALUE_STOPS = new Set([...' \t\r\n,;<>()[]{}|"\'…'].map((one) => one.charCodeAt(0)));

/** First and last name, where the line ends with them. */
const FULL_NAME = /^\p{Lu}[\p{L}.'-]{0,40}(?: \p{Lu}[\p{L}.'-]{0,40}){1,2}\s{0,20}$/u;

function valueEnd(text: string, { from, quote, isMarkup }: Value): number {
  const closing = isMarkup ? '<' : quote;
  const end = closing === null ? -1 : indexWithin(text, closing, from, LONGEST_VALUE);
  if (end >= 0) return end;
  if (text.length - from < 100 && FULL_NAME.test(text.slice(from))) return from + text.slice(from).trimEnd().length;
  return endOf(text, from, (code) => !VALUE_STOPS.has(code), LONGEST_VALUE + 1);
}

function namesNobody(name: string): boolean {
  const low = name.toLowerCase();
  if (low.length > LONGEST_VALUE || /^[\d\s.:+*/-]*$/.test(low) || /^0x|^[0-9a-f`]{8,17}$/.test(low)) return true;
  if (PLAIN_WORDS.has(low) || WINDOWS_ACCOUNTS.has(low.split(' ')[0])) return true;
  // These are found as what they are.
  return /[\\@%]|:\/\/|^s-1-|^\$|^\/|^[a-z]:/.test(low) || ipv4End(low, 0) === low.length;
}

function pseudonymOf({ names }: Context, label: Exclude<Label, 'command'>, name: string): string | null {
  if (label === 'process') {
    if (isWindowsProcess(name) || /\.(?:sys|dll|drv)$/i.test(name)) return null;
    return processPseudonym(names, name) + (/\.exe$/i.test(name) ? '.exe' : '');
  }
  if (label !== 'user') return hostPseudonym(names, label, name);
  return userPseudonym(names, name);
}

/** Pseudonym of a user, who is known from here on. */
export function userPseudonym(names: Context['names'], name: string): string {
  const pseudonym = names.of('user', name);
  names.learn('user', name, pseudonym);
  return pseudonym;
}
