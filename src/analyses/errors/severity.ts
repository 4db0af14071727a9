/**
 * How bad a message is, and why. The source's own level is believed first, then what the event is known for, then codes that the
 * message reports as a result, then its words. docs/errors.md tells the rules.
 */
import { knownEvent } from './severity-events.js';
import { type WordFinding, wordsOf } from './severity-words.js';
import { type StatusCode, statusCodesIn } from './status-codes.js';

export type Level = 'critical' | 'error' | 'warning' | 'information' | 'verbose';

export interface Severity {
  /** Null where nothing says how bad it is. */
  level: Level | null;
  /** One line for people. */
  reason: string;
  from: 'source' | 'event-id' | 'code' | 'word' | 'none';
  /** What in the message the level was read from. */
  quote: string | null;
}

/** What is known of a message; the level as ETW counts it, 1 critical to 5 verbose. */
export interface MessageFacts {
  message: string | null;
  level: number | null;
  eventId: number | null;
  provider: string | null;
  channel: string | null;
}

const BY_NUMBER: readonly Level[] = ['critical', 'error', 'warning', 'information', 'verbose'];

/** How bad a message is: pure, and in time that grows with the length of the message. */
export function severityOf({ message, level, eventId, provider }: MessageFacts): Severity {
  const event = knownEvent(provider, eventId);
  const meaning = event === null ? '' : `; event ${eventId} of ${provider}: ${event.meaning}`;
  const own = level === null ? undefined : BY_NUMBER[level - 1];
  if (own !== undefined) {
    const source: Severity = { level: own, reason: `the source says ${own}${meaning}`, from: 'source', quote: null };
    return own === 'information' || own === 'verbose' ? raised(source, message) : source;
  }
  if (event !== null) return { level: event.level, reason: meaning.slice(2), from: 'event-id', quote: null };
  return fromText(message ?? '');
}

/** Information stays information, unless the text itself reports an error code or is marked as an error. */
function raised(source: Severity, message: string | null): Severity {
  if (message === null) return source;
  const words = wordsOf(message);
  const marked = words?.strength === 'marker' && isBad(words.level) ? byWord(words) : null;
  const coded = byCodes(statusCodesIn(message), message);
  const evidence = worst(coded !== null && isBad(coded.level) ? coded : null, marked);
  if (evidence === null) return source;
  return { ...evidence, reason: `${source.reason}, but the message ${evidence.reason.replace(/^the message /, '')}` };
}

function fromText(message: string): Severity {
  const words = wordsOf(message);
  const coded = byCodes(statusCodesIn(message), message);
  const said = words === null ? null : byWord(words);
  // A marker is the program's own level: "Warning: error 5" is a warning, as from a source that says so.
  if (said !== null && words?.strength === 'marker' && isBad(said.level)) return equalTo(coded, said) ?? said;
  if (coded !== null && !isBad(coded.level) && said !== null) return said;
  const none: Severity = {
    level: null,
    reason: 'nothing in the message says that it is an error',
    from: 'none',
    quote: null,
  };
  return worst(coded, said) ?? none;
}

function byWord({ level, strength, quote }: WordFinding): Severity {
  const how = strength === 'marker' ? 'is marked' : strength === 'phrase' ? 'says' : 'only mentions';
  return { level, reason: `the message ${how} “${quote}”`, from: 'word', quote };
}

const rank = (level: Level | null): number => (level === null ? BY_NUMBER.length : BY_NUMBER.indexOf(level));
const isBad = (level: Level | null): boolean => rank(level) <= rank('warning');

/** The worse of two; a code before a word of the same level, for it says more. */
const worst = (code: Severity | null, word: Severity | null): Severity | null =>
  code === null || (word !== null && rank(word.level) < rank(code.level)) ? word : code;

const equalTo = (code: Severity | null, word: Severity): Severity | null => (code?.level === word.level ? code : null);

/** The worst of the codes that are reported; those of success make a message information. */
function byCodes(codes: readonly StatusCode[], message: string): Severity | null {
  let out: Severity | null = null;
  for (const code of codes) {
    if (isAside(message, code)) continue;
    const level = levelOf(code, isResult(message, code));
    const of: Severity = { level, reason: `the message reports ${described(code)}`, from: 'code', quote: code.text };
    if (out === null || rank(level) < rank(out.level)) out = of;
  }
  return out;
}

const described = ({ hex, name, description }: StatusCode): string =>
  `${name ?? hex}${description === null ? '' : `: ${description}`}`;

/** A number is a result; a name alone only behind a word like "status" or "returned", or at the end of the message. */
function isResult(message: string, code: StatusCode): boolean {
  if (code.announced || /\d/.test(code.text)) return true;
  return /^[\s.!)\]"'>;,]{0,6}$/.test(message.slice(code.at + code.text.length, code.at + code.text.length + 7));
}

/** `if STATUS_PENDING`, `retry on 0xc00000b5`, `instead of E_FAIL`, `ignoring error 5`: told of, not reported. */
const ASIDE =
  /(?<![\p{L}_])(?:if|on|unless|ignor\p{L}{1,4}|expect\p{L}{0,4}|mapp?\p{L}{0,4}|treat\p{L}{0,4}|instead of|not|convert\p{L}{0,4}|except|wenn|falls|(?:may|might|can|could)(?!\snot))\s(?:[\p{L}=!]{1,15}\s{1,2}){0,3}$/iu;
const isAside = (message: string, code: StatusCode): boolean =>
  ASIDE.test(message.slice(Math.max(0, code.at - 60), code.at));

/**
 * Answers that a caller asks for: an optional thing is not there, a list ends, something exists already or is not supported.
 * They are warnings: whether the caller could do without, only the next lines tell.
 */
const EXPECTED =
  /(?:^|_)(?:\w{0,40}NOT_?FOUND|NO_SUCH_\w{1,40}|NOT_SUPPORTED|NOT_IMPLEMENTED|CALL_NOT_IMPLEMENTED|NOTIMPL|NOINTERFACE|END_OF_FILE|HANDLE_EOF|BUFFER_TOO_SMALL|INSUFFICIENT_BUFFER|INFO_LENGTH_MISMATCH|ALREADY_\w{1,40}|\w{0,40}EXISTS|OBJECT_NAME_COLLISION|CANCELLED|CANCELED|OPERATION_ABORTED|RETRY|WSAEWOULDBLOCK|EWOULDBLOCK|EAGAIN|ENOENT|EEXIST|EINTR|EINPROGRESS|WSAEINPROGRESS|INVALID_DEVICE_REQUEST|INVALID_FUNCTION|DELETE_PENDING|NO_MATCH|NOT_A_REPARSE_POINT|DEVICE_BUSY|NOT_ALL_ASSIGNED|NOTIFY_ENUM_DIR)$/;
/** Not found, but nobody does without. */
const NEEDED =
  /(?:DLL|ENTRY_?POINT|ORDINAL|PROC|PROCEDURE|MOD|MODULE|CONTROLLER|ASSEMBLY|SECTOR|VOLUME|DEVICE_NOT)_?NOT_?FOUND$/;
/** A list ended, or the driver goes on by itself. */
const COURSE =
  /(?:^|_)(?:NO_?MORE_?\w{1,30}|MORE_PROCESSING_REQUIRED|IO_PENDING|IO_INCOMPLETE|PENDING|MORE_DATA|BREAKPOINT|SINGLE_STEP|DI_DO_DEFAULT|FLT_DO_NOT_ATTACH)$/;
/** What the bits of the value call success or information, and is neither. */
const MISNAMED: ReadonlyMap<string, Level> = new Map([
  ['STATUS_TIMEOUT', 'warning'],
  ['WAIT_TIMEOUT', 'warning'],
  ['STATUS_ABANDONED', 'warning'],
  ['STATUS_FATAL_APP_EXIT', 'error'],
  ['STATUS_DRIVERS_LEAKING_LOCKED_PAGES', 'warning'],
  ['WU_S_UPDATE_ERROR', 'warning'],
]);

/** ERROR_DI_DO_DEFAULT of SetupAPI: an installer leaves the work to the default one. */
const DO_DEFAULT = '0xe000020e';

function levelOf({ name, hex, severity }: StatusCode, result: boolean): Level {
  const misnamed = name === null ? undefined : MISNAMED.get(name);
  if (misnamed !== undefined) return misnamed;
  if (severity === 'success' || severity === 'information') return 'information';
  if (name !== null ? COURSE.test(name) : hex === DO_DEFAULT) return 'information';
  if (severity === 'warning' || !result) return 'warning';
  return name !== null && EXPECTED.test(name) && !NEEDED.test(name) ? 'warning' : 'error';
}
