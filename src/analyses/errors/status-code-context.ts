/**
 * What stands in front of a number says what it is: `status 0xc0000022`, `GetLastError() = 5`, `dwError: 112`,
 * `failed with 1450`, `Fehlercode 0x80070005`; or that it is none: `address 0xc0000022`, `HTTP error 5`, `error 5 times`,
 * `failed=3`.
 */

export interface CodeContext {
  /** Null where no word announces a code. */
  word: CodeWord | null;
  /** The word in front says that the number is an address, a length, flags … */
  isOther: boolean;
  /** A sign or a word like "with" stands between the word and the number, not a blank only. */
  isTight: boolean;
}
/** `win32` for all words that mean "error"; `other` for words like "returned". */
export type CodeWord = 'status' | 'hresult' | 'win32' | 'errno' | 'failed' | 'other';

const LOOK_BACK_CHARS = 60;

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const STATUS = words('status ntstatus statut estado stato 状态 ステータス 상태 статус');
const HRESULT = words('hr hresult scode sc');
const WIN32 = words(
  `error err errorcode errcode errorlevel lasterror gle win32 win32error win32exception winerror winerr winsock wsaerror syserr
  errcod fehler fehlercode systemfehler erreur errore fout foutcode błąd błędu erro ошибка ошибки ошибкой エラー エラーコード
  错误 錯誤 错误代码 錯誤碼 오류 erreurs`
    .replaceAll(/\s+/g, ' ')
    .trim(),
);
const FAILED = words('failed failure fails fail fehlgeschlagen échoué fallito mislukt');
/** `GetLastError returned 5` is Win32's, `ZwOpenKey returned 0xc0000034` anybody's. */
const RETURNED = words('returned returns returning return');
const OTHER_WORDS = words('ret retval rc result res exception reason rval xr exited');
/** Behind these a sign and a decimal are how many: `failed=3`. */
const COUNTED = new Set([...FAILED, ...words('failures errors')]);
const COUNT_SIGN = /^\s{0,2}[:=]\s{0,4}$/;
/** Eight digits and more are codes with severity bits. */
const COUNT = /^\d{1,7}(?![\w`])/;
/** `recv failed: 10060`: codes of Winsock are 10004 and up, where counts behind a colon are rare. */
const WINSOCK = /^1[01]\d{3}(?!\d)/;

/** The number behind these is no code, whatever its bits. */
const NO_CODE = words(
  `address addr at va pa ptr pointer base range size sizes length len offset off flag flags mask access handle handles object obj irp
  devobj context ctx key hkey id pid tid ioctl ioctlcode oid reg register rip eip rsp esp rax eax memory mem buffer buf page pte
  hdevice device pdo fdo color mode options attributes attr features capabilities caps version data count to from`
    .replaceAll(/\s+/g, ' ')
    .trim(),
);
/** Between the word and the number. "At" and "in" are not among them: `error at 0xc0000022` is an address. */
const FILLERS = words('code codes number nr no value is was of with the by a and');
/** Errors of other worlds have numbers of their own. */
const OTHER_WORLDS = words(
  'http https sql mysql odbc oracle ora smtp ftp imap ldap dns java python script compiler syntax line parse application',
);
/** A word, or a call: `GetLastError()`. */
const LAST_WORD = /([\p{L}_][\p{L}\d_]{0,40})(?:\(\))?([\s:=#([<,"'-]{0,6})$/u;

/** What the words directly in front of `at` make of the number there. */
export function contextBefore(text: string, at: number): CodeContext {
  let before = text.slice(Math.max(0, at - LOOK_BACK_CHARS), at);
  let isTight = false;
  let returned = false;
  for (let n = 0; n < 4; n++) {
    const match = LAST_WORD.exec(before);
    if (match === null) break;
    const [, name, gap] = match;
    if (n === 0 && isCount(name, gap, text.slice(at, at + 8))) return { word: null, isOther: true, isTight: true };
    isTight ||= /[^\s,]/.test(gap);
    before = before.slice(0, match.index);
    if (n < 3 && FILLERS.has(name.toLowerCase())) {
      isTight ||= /^(?:with|code|number)$/i.test(name);
      continue;
    }
    if (!returned && RETURNED.has(name.toLowerCase())) {
      returned = true;
      continue;
    }
    const context = ofWord(name, before, isTight);
    return returned && context.word === null ? { word: 'other', isOther: false, isTight } : context;
  }
  return { word: returned ? 'other' : null, isOther: false, isTight };
}

/** `failed=3`, `failures: 2`; not `failed (5)`, `failed with 5`, `failed: 0x80070005`. */
function isCount(name: string, gap: string, number: string): boolean {
  if (!COUNT_SIGN.test(gap) || !COUNT.test(number) || !COUNTED.has(partsOf(name).at(-1)!)) return false;
  return gap.includes('=') || !WINSOCK.test(number);
}

function ofWord(name: string, before: string, isTight: boolean): CodeContext {
  const parts = partsOf(name);
  const last = parts.at(-1)!;
  const isOther = NO_CODE.has(last) || /[?&]$/.test(before);
  if (isOther) return { word: null, isOther, isTight };
  const word = wordOf(last, parts.join(''));
  const front = word === 'win32' ? (/([\p{L}]{1,20})[\s-]{0,3}$/u.exec(before)?.[1].toLowerCase() ?? '') : '';
  const isForeign = OTHER_WORLDS.has(front) || (parts.length > 1 && OTHER_WORLDS.has(parts[0]));
  return { word: isForeign ? null : word, isOther: isForeign, isTight };
}

/** `dwLastError` → `dw`, `last`, `error`; `NT_STATUS` → `nt`, `status`. `Code` at the end is left out: `errorCode`. */
function partsOf(name: string): string[] {
  const parts = name.split(/_|(?<=\p{Ll}|\d)(?=\p{Lu})/u).filter((part) => part !== '');
  const lower = parts.map((part) => part.toLowerCase());
  if (lower.length > 1 && /^(?:code|value|no|number)$/.test(lower.at(-1)!)) lower.pop();
  return lower.length === 0 ? [''] : lower;
}

function wordOf(last: string, whole: string): CodeWord | null {
  if (STATUS.has(last) || whole === 'ntstatus') return 'status';
  if (HRESULT.has(last)) return 'hresult';
  if (last === 'errno') return 'errno';
  if (WIN32.has(last) || WIN32.has(whole)) return 'win32';
  if (FAILED.has(last)) return 'failed';
  return OTHER_WORDS.has(last) ? 'other' : null;
}

const UNITS =
  /^\s{0,2}(?:%|ms\b|s\b|times?\b|of\b|out of\b|in a row|[kmg]i?b\b|percent|[a-z]{2,16}(?<!wa|ha|i|acces|statu|proces)s\b)/i;

/** Whether a decimal counts what follows it: `error 5 times`, `failed 3 of 8`, `error: 12 files`. */
export const countsSomething = (text: string, end: number): boolean => UNITS.test(text.slice(end, end + 24));
