/** Names that stand behind time and level in logs of some kinds: they are columns too, though most are left in the message. */
import { decimalAt, isBlank, isDigit, isWordByte, skipBlanks } from './bytes.js';

/** Where a log of a kind has the name of what logs: as its first lines show. */
export type NameForm =
  /** `logger.Name - message` of log4j and its family. */
  | 'dash'
  /** `CBS    message`: a column filled up with blanks. */
  | 'padded'
  /** `box sshd[1234]: message` of syslog. */
  | 'syslog'
  /** `Store: message`. */
  | 'colon';

const MAX_NAME = 120;

/** Where names were found in a line's text; -1 where they were not. */
export class LogNames {
  from = -1;
  end = -1;
  hostFrom = -1;
  hostEnd = -1;
  pid = -1;
  /** Of syslog: behind the names. */
  textFrom = -1;

  /** Looks at the text from `at` on; true where it has names in the form. */
  read(form: NameForm, bytes: Buffer, at: number, end: number): boolean {
    this.pid = -1;
    this.hostFrom = -1;
    if (form === 'syslog') return this.#syslog(bytes, at, end);
    const stop = nameEnd(bytes, at, end);
    if (form === 'colon') {
      if (stop === at || bytes[stop] !== 58 || stop + 2 >= end || !isBlank(bytes[stop + 1])) return false;
      this.from = at;
      this.end = stop;
      return true;
    }
    if (stop === at || stop + 2 >= end || !isBlank(bytes[stop])) return false;
    if (form === 'padded' && !isBlank(bytes[stop + 1])) return false;
    if (form === 'dash' && (bytes[stop + 1] !== 45 || !isBlank(bytes[stop + 2]))) return false;
    this.from = at;
    this.end = stop;
    return true;
  }

  #syslog(bytes: Buffer, at: number, end: number): boolean {
    const host = nameEnd(bytes, at, end);
    if (host === at || !isBlank(bytes[host])) return false;
    const from = host + 1;
    const stop = nameEnd(bytes, from, end);
    if (stop === from) return false;
    let i = stop;
    if (bytes[i] === 91) {
      const digits = ++i;
      while (i < end && isDigit(bytes[i])) i++;
      this.pid = i - digits > 9 ? -1 : decimalAt(bytes, digits, i);
      if (bytes[i++] !== 93 || this.pid < 0) return false;
    }
    if (bytes[i] !== 58 || i >= end) return false;
    this.textFrom = skipBlanks(bytes, i + 1, end);
    this.hostFrom = at;
    this.hostEnd = host;
    this.from = from;
    this.end = stop;
    return true;
  }
}

/** Names of programs, classes and computers: `sshd`, `com.example.Store$1`, `box-1`. */
function nameEnd(bytes: Buffer, at: number, end: number): number {
  const stop = Math.min(end, at + MAX_NAME);
  let i = at;
  for (; i < stop; i++) {
    const c = bytes[i];
    if (!isWordByte(c) && c !== 46 && c !== 36 && c !== 45 && c !== 47) break;
  }
  // The sign of `name - text` is none of the name.
  return i;
}
