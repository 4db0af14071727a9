/**
 * Codes of Windows in a message, decoded: NTSTATUS, HRESULT, errors of Win32 and Winsock, errno. A number alone says little
 * (addresses, lengths and flags look the same), so what is read as a code depends on the words in front of it:
 * `status-code-context.ts`.
 */
import { facilityOf } from './codes/facilities.js';
import { type CodeKind, codeNamed, type KnownCode, knownCode } from './codes/lookup.js';
import { type CodeContext, contextBefore, countsSomething } from './status-code-context.js';

export interface StatusCode {
  /** As it stands in the message, with the name beside it if there is one: `0xc0000034(STATUS_OBJECT_NAME_NOT_FOUND)`. */
  text: string;
  /** Where `text` begins. */
  at: number;
  kind: CodeKind;
  /** Unsigned. */
  value: number;
  /** `0xc0000034`. */
  hex: string;
  /** Null where the value is not in our tables and the message does not name it. */
  name: string | null;
  description: string | null;
  severity: CodeSeverity;
  /** A word in front says that it is a code: `status`, `returned`, `error`, `hr` … */
  announced: boolean;
}
export type CodeSeverity = 'success' | 'information' | 'warning' | 'error';

/** Longer messages are read to here. */
const READ_CHARS = 1 << 16;
/** `0x…`, negative decimals, eight digits of hex, decimals; not within longer words, versions, dates or sums. */
const NUMBER =
  /(?<![\w`.+-]|\d[:/])(?:0x(?<hex>[0-9a-f]{1,16})|(?<negative>-\d{5,10})|(?<bare>[0-9a-f]{8})|(?<decimal>\d{1,10}))(?![\w`]|\.\d|[:/]\d)/gi;
const NAME = /(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{2,62}(?![A-Za-z0-9_])/g;
/** A name behind a number: `(STATUS_TIMEOUT)`, ` - E_FAIL`, `: ERROR_BUSY`. */
const NAME_BEHIND = /\s{0,2}[([:=-]?\s{0,2}([A-Z][A-Z0-9_]{2,62})(?![A-Za-z0-9_])[)\]]?/y;
const NAME_IN_FRONT = /(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]{2,62})[\s([:=-]{1,4}$/;
/** Names that are codes wherever they stand, though not in our tables. */
const LIKE_A_NAME = /^(?:STATUS|ERROR|[A-Z]{1,12}_E)_[A-Z]/;
/** Pending, more to come, at the end of a list: Win32 has no severity bits, and none of these is an error. */
const WIN32_INFORMATION: ReadonlySet<number> = new Set([18, 234, 259, 996, 997, 1300, 1301, 1641]);

/** Codes in a message, in their order; a code that is given as number and as name is one. */
export function statusCodesIn(message: string): StatusCode[] {
  const text = message.length > READ_CHARS ? message.slice(0, READ_CHARS) : message;
  const numbers: StatusCode[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const code = numberAt(text, match);
    if (code !== null) numbers.push(code);
  }
  return joined(text, [...numbers, ...namesIn(text, numbers)]);
}

function numberAt(text: string, match: RegExpExecArray): StatusCode | null {
  const at = match.index;
  const end = at + match[0].length;
  const context = contextBefore(text, at);
  NAME_BEHIND.lastIndex = end;
  const behind = NAME_BEHIND.exec(text);
  const inFront = NAME_IN_FRONT.exec(text.slice(Math.max(0, at - 70), at));
  const found = decode(match, context, text, [behind?.[1], inFront?.[1]]);
  if (found === null) return null;
  const named = behind !== null && isNameOf(behind[1], found) ? behind : null;
  const name = found.name ?? named?.[1] ?? null;
  return statusCode({ ...found, name }, text.slice(at, end + (named?.[0].length ?? 0)), at, context.word !== null);
}

const isNameOf = (name: string, found: Found): boolean => {
  const known = codeNamed(name);
  if (known === null) return found.name === null && LIKE_A_NAME.test(name);
  return sameCode(known, found) || (found.name === null && found.kind === 'errno' && known.kind === 'errno');
};

/** E_ACCESSDENIED and ERROR_ACCESS_DENIED are both names of 0x80070005. */
const sameCode = (known: KnownCode, found: Found): boolean =>
  known.value === found.value || (known.kind === 'win32' && found.value === (0x80070000 | known.value) >>> 0);

interface Found {
  kind: CodeKind;
  value: number;
  name: string | null;
  description: string | null;
}

/** What stands beside the number and looks like a name. */
type Names = readonly (string | undefined)[];

/** Null where nothing says that the number is a code. */
function decode(match: RegExpExecArray, context: CodeContext, text: string, names: Names): Found | null {
  const { hex, negative, bare, decimal } = match.groups!;
  if (negative !== undefined) return fromLarge(Number(negative) >>> 0, context, Number(negative) >= -0x80000000);
  if (hex !== undefined) return fromHex(hex, context, names);
  const isHex = bare !== undefined && (/[a-f]/i.test(bare) || context.word === 'hresult' || /^[8c]00/i.test(bare));
  if (isHex) return context.word === null ? null : fromLarge(Number.parseInt(bare, 16), context, false);
  const value = Number(bare ?? decimal);
  if (value >= 0x80000000 && value <= 0xffffffff) {
    return context.word === null ? null : onlyKnown(fromLarge(value, context, false));
  }
  return countsSomething(text, match.index + match[0].length) ? null : fromSmall(value, context, true);
}

function fromHex(hex: string, context: CodeContext, names: Names): Found | null {
  const extended = hex.length === 16 && /^f{8}/i.test(hex);
  if (hex.length > 8 && !extended) return null;
  const value = Number.parseInt(extended ? hex.slice(8) : hex, 16);
  if (value >= 0x40000000) return fromLarge(value, context, hex.length === 8);
  for (const name of names) {
    const named = name === undefined ? null : codeNamed(name);
    if (named?.value === value) return named;
  }
  return fromSmall(value, context, false) ?? (value > 0xffff && context.word !== null ? onlyNamed(value) : null);
}

/** 0x00041301: success codes with a facility. */
const onlyNamed = (value: number): Found | null => knownCode('hresult', value) ?? knownCode('ntstatus', value);
const onlyKnown = (found: Found | null): Found | null => (found?.name == null ? null : found);

/** A value with severity bits. Without a word in front only what has a name, and nothing that flags and addresses share. */
function fromLarge(value: number, context: CodeContext, mayStandAlone: boolean): Found | null {
  if (context.isOther) return null;
  const found = namedLarge(value, context.word === 'hresult');
  if (context.word !== null) return value < 0x80000000 ? onlyKnown(found) : found;
  const isDistinct = value >= 0xc0000000 || (found.kind === 'hresult' && value !== 0x80000000);
  return mayStandAlone && isDistinct ? onlyKnown(found) : null;
}

const WIN32_FACILITY = 0x80070000;
const NT_BIT = 0x10000000;

function namedLarge(value: number, isHresult: boolean): Found {
  const kinds: readonly CodeKind[] = isHresult ? ['hresult', 'ntstatus'] : ['ntstatus', 'hresult'];
  for (const kind of kinds) {
    const known = knownCode(kind, value);
    if (known !== null) return known;
  }
  if ((value & 0xffff0000) >>> 0 === WIN32_FACILITY)
    return renamed('hresult', value, knownCode('win32', value & 0xffff));
  if (value >= 0x80000000 && (value & NT_BIT) !== 0 && (value & 0x20000000) === 0) {
    return renamed('hresult', value, knownCode('ntstatus', (value & ~NT_BIT) >>> 0));
  }
  const kind: CodeKind = isHresult || (value >= 0x80000000 && value < 0xc0000000) ? 'hresult' : 'ntstatus';
  const facility = kind === 'hresult' ? facilityOf(value) : null;
  return { kind, value, name: null, description: facility === null ? null : `a code of ${facility}` };
}

const renamed = (kind: CodeKind, value: number, known: KnownCode | null): Found => ({
  kind,
  value,
  name: known?.name ?? null,
  description: known?.description ?? null,
});

/** Beyond 34 the numbers of errno differ between run times: they have no name then, only `ENOTEMPTY` itself has. */
const LAST_COMMON_ERRNO = 34;

function errnoOf(value: number): Found {
  const known = value <= LAST_COMMON_ERRNO ? knownCode('errno', value) : null;
  return known ?? { kind: 'errno', value, name: null, description: value === 0 ? 'done' : null };
}

/** A value without severity bits: only a word in front makes it a code, and only one with a name. */
function fromSmall(value: number, context: CodeContext, isDecimal: boolean): Found | null {
  if (context.isOther || context.word === null) return null;
  switch (context.word) {
    case 'errno':
      return errnoOf(value);
    case 'win32':
      return knownCode('win32', value);
    case 'failed':
      return value === 0 || !context.isTight ? null : knownCode('win32', value);
    case 'hresult':
      return value === 0 || !isDecimal ? knownCode('hresult', value) : null;
    case 'status':
      return value === 0 || (!isDecimal && value >= 0x80) ? knownCode('ntstatus', value) : null;
    default:
      return value === 0 && !isDecimal ? knownCode('ntstatus', 0) : null;
  }
}

function namesIn(text: string, numbers: readonly StatusCode[]): StatusCode[] {
  const found: StatusCode[] = [];
  let n = 0;
  for (const match of text.matchAll(NAME)) {
    const known = codeNamed(match[0]);
    if (known === null) continue;
    while (n < numbers.length && numbers[n].at + numbers[n].text.length <= match.index) n++;
    if (n < numbers.length && numbers[n].at <= match.index) continue;
    const { word } = contextBefore(text, match.index);
    found.push(statusCode(known, match[0], match.index, word !== null));
  }
  return found;
}

/** `STATUS_TIMEOUT (0x102)` and `E_FAIL 0x80004005` are one code each. */
function joined(text: string, codes: StatusCode[]): StatusCode[] {
  codes.sort((a, b) => a.at - b.at);
  const out: StatusCode[] = [];
  for (const code of codes) {
    const last = out.at(-1);
    const gap = last === undefined ? '' : text.slice(last.at + last.text.length, code.at);
    if (last !== undefined && last.value === code.value && /^[\s([:=-]{0,4}$/.test(gap)) {
      const end = code.at + code.text.length;
      last.text = text.slice(last.at, /[([]/.test(gap) && /[)\]]/.test(text[end] ?? '') ? end + 1 : end);
      last.announced ||= code.announced;
    } else out.push(code);
  }
  return out;
}

function statusCode(found: Found, text: string, at: number, announced: boolean): StatusCode {
  const { kind, value, name, description } = found;
  const hex = `0x${value.toString(16).padStart(8, '0')}`;
  return { text, at, kind, value, hex, name, description, severity: severityOfCode(kind, value), announced };
}

const BY_BITS: readonly CodeSeverity[] = ['success', 'information', 'warning', 'error'];

/** By the two upper bits of an NTSTATUS and the highest of an HRESULT; Win32 and errno have none, and only 0 is no error. */
function severityOfCode(kind: CodeKind, value: number): CodeSeverity {
  if (kind === 'ntstatus') return BY_BITS[value >>> 30];
  if (kind === 'hresult') return value >= 0x80000000 ? 'error' : 'success';
  if (value === 0) return 'success';
  return kind === 'win32' && WIN32_INFORMATION.has(value) ? 'information' : 'error';
}
