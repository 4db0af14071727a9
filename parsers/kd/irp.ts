/**
 * `!irp`: an IRP and its stack. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-irp
 *
 *     Irp is active with 11 stacks 7 is current (= 0x8a3d3150)
 *      Mdl=8b56b6a0: No System Buffer: Thread 8b56cb10:  Irp stack trace.
 *          cmd  flg cl Device   File     Completion-Context
 *     >[  4,34]   0 e1 8b1b8030 00000000 f74c857e-8b0556d8 Success Error Cancel pending
 *             \Driver\Disk PartMgr!PmIoCompletion
 *        Args: 00010000 00000000 f457e000 00000002
 *
 *     >[IRP_MJ_POWER(16), IRP_MN_SET_POWER(2)]
 *                 0 e1 fffffa8007830060 00000000 00000000-00000000    pending
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpIrp, dumpIrpStack } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS, addressIn } from './values.js';

const NAME = '!irp';
/** An IRP counts its locations in a signed byte. */
const MAX_LOCATIONS = 128;

// `Irp is active with 9 stacks 5 is current (= 0xfffffa809a1f3ce0)`, `Irp is completed.  Pending has been returned`
const HEADER = /^Irp is (?:from \w{1,20} and )?(active with|active|complete|completed|free)\b/i;
const STACKS = /\bwith\s{1,9}(\d{1,3}) stacks?\b/i;
const CURRENT = new RegExp(`(?:^|\\s)(\\d{1,3}) is current(?:\\s{0,9}\\(=\\s{0,9}(${ADDRESS})\\))?`, 'i');
// ` Mdl=8b56b6a0: No System Buffer: Thread 8b56cb10:  Irp stack trace.`, ` No Mdl: …`, ` Mdl = 82b020d8 Thread …`
const ORIGIN =
  /^(?:(?:No )?Mdl\b|(?:No )?System buffer\b|Associated Irp\b|Master Irp\b|Thread [0-9a-f`]{8,17}:)|Irp stack trace/i;
const MDL = new RegExp(`\\bMdl\\s{0,9}=\\s{0,9}(${ADDRESS})`, 'i');
const THREAD = new RegExp(`\\bThread\\s{1,9}(${ADDRESS})`, 'i');
const COLUMNS = /^cmd\s{1,9}flg\s{1,9}cl\b/i;
// `>[  4,34]`, ` [N/A(0), N/A(0)]`, `[IRP_MJ_POWER(16), IRP_MN_SET_POWER(2)]`
const FUNCTION = '(?:[\\w/?]{1,60}\\s?\\()?([0-9a-f]{1,2})\\)?';
const LOCATION = new RegExp(`^(>?)\\s{0,9}\\[\\s{0,9}${FUNCTION}\\s{0,9},\\s{0,9}${FUNCTION}\\s{0,9}\\]`, 'i');
// A location that a mail has cut in two: `>[IRP_MJ_POWER(16),`
const HALF_LOCATION = /^>?\s{0,9}\[\s{0,9}IRP_MJ_\w{1,40}\s?\([0-9a-f]{1,2}\)\s{0,9},?$/i;
const LIKE_A_LOCATION = /^>?\s{0,9}\[\s{0,9}(?:IRP_MJ_|N\/A|[0-9a-f]{1,2}\s{0,9},)/i;
// `  0 e1 8b1b8030 00000000 f74c857e-8b0556d8 Success Error Cancel pending`
const FIELDS = new RegExp(
  `^([0-9a-f]{1,2})\\s{1,9}([0-9a-f]{1,2})\\s{1,9}(${ADDRESS})\\s{1,9}(${ADDRESS})\\s{1,9}(${ADDRESS})\\s{0,3}-\\s{0,3}(${ADDRESS})(?:\\s{1,9}(.{1,200}))?$`,
  'i',
);
const WORDS = new Set(['success', 'error', 'cancel', 'pending']);
const ARGUMENTS = /^Args:\s{0,9}(\S.{0,200})$/i;
// `Tail.Overlay.Thread = 8a3fb020`: `!irp addr 1` lists the fields.
const FIELD = /^&?[A-Z]\w{1,30}(?:\.\w{1,40}){0,3}\s{1,9}=\s/;
const FIELD_THREAD = new RegExp(`^Tail\\.Overlay\\.Thread\\s{1,9}=\\s{1,9}(${ADDRESS})`, 'i');
const FIELD_FILE = new RegExp(`^Tail\\.Overlay\\.OriginalFileObject\\s{1,9}=\\s{1,9}(${ADDRESS})`, 'i');
const REMARK = /^(?:Free build - use !irpfind|Irp Extension\b|Pending has been returned)/i;
// What people write behind a line: `<-- What are you trying to tell me?`
const COMMENT = /\s{0,40}<\s?-{1,9}.*$/;

/** One location of the stack. */
interface Location {
  readonly line: KdLine;
  readonly isCurrent: boolean;
  readonly major: number;
  readonly minor: number;
  flags: number | null;
  control: number | null;
  device: bigint | null;
  file: bigint | null;
  context: bigint | null;
  words: string[];
  driver: string | null;
  completion: string | null;
  args: string | null;
}

interface Irp {
  readonly line: KdLine;
  readonly address: bigint | null;
  readonly state: string;
  readonly stacks: number | null;
  current: number | null;
  mdl: bigint | null;
  thread: bigint | null;
  file: bigint | null;
  readonly locations: Location[];
}

export const irp: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('Irp is ') && HEADER.test(trimmed),
  read: (log, typed) => new IrpReader(log, typed),
};

class IrpReader implements Reader {
  #irp: Irp | null = null;
  /** The address as typed, for the first IRP. */
  #typed: bigint | null;
  /** First half of a location. */
  #half = '';

  constructor(
    private readonly log: Log,
    typed: Typed | null,
  ) {
    this.#typed = typedAddress(typed);
  }

  take(line: KdLine): Taken {
    const text = line.trimmed.replace(COMMENT, '');
    const header = HEADER.exec(text);
    if (header !== null) return this.#header(line, text, header[1].toLowerCase());
    if (REMARK.test(text)) return 'ignored';
    const one = this.#irp;
    if (one === null) return 'unread';
    return this.#origin(one, text) ?? this.#location(one, line, text) ?? this.#rest(one, text);
  }

  end(): void {
    const one = this.#irp;
    this.#irp = null;
    if (one !== null) write(this.log, one);
  }

  #fed(): Taken {
    return fed(this.log, dumpIrp, dumpIrpStack);
  }

  #header(line: KdLine, text: string, word: string): Taken {
    this.end();
    const stacks = STACKS.exec(text)?.[1];
    const current = CURRENT.exec(text);
    const location = addressIn(current?.[2]);
    this.#irp = {
      line,
      address: this.#typed ?? addressOf(location, Number(current?.[1] ?? 0), current?.[2] ?? ''),
      state: word.startsWith('complete') ? 'completed' : word.startsWith('free') ? 'free' : 'active',
      stacks: stacks === undefined ? null : Number(stacks),
      current: current === null ? null : Number(current[1]),
      mdl: null,
      thread: null,
      file: null,
      locations: [],
    };
    this.#typed = null;
    this.#half = '';
    return this.#fed();
  }

  #origin(one: Irp, text: string): Taken | null {
    if (COLUMNS.test(text)) return 'ignored';
    if (ORIGIN.test(text)) {
      one.mdl ??= addressIn(MDL.exec(text)?.[1]);
      one.thread ??= addressIn(THREAD.exec(text)?.[1]);
      return this.#fed();
    }
    if (!FIELD.test(text)) return null;
    one.thread ??= addressIn(FIELD_THREAD.exec(text)?.[1]);
    one.file ??= addressIn(FIELD_FILE.exec(text)?.[1]);
    return 'ignored';
  }

  /** The first line of a location; null where the line is none. */
  #location(one: Irp, line: KdLine, text: string): Taken | null {
    const whole = `${this.#half}${text}`;
    this.#half = '';
    if (HALF_LOCATION.test(text)) {
      this.#half = `${text} `;
      return this.#fed();
    }
    const match = LOCATION.exec(whole);
    if (match === null) return LIKE_A_LOCATION.test(text) ? this.#skip(line) : null;
    if (one.locations.length >= MAX_LOCATIONS) return 'ignored';
    const [all, mark, major, minor] = match;
    const location = emptyLocation(line, mark === '>', Number.parseInt(major, 16), Number.parseInt(minor, 16));
    const rest = whole.slice(all.length).trim();
    if (rest !== '' && !fill(location, rest)) return this.#skip(line);
    one.locations.push(location);
    return this.#fed();
  }

  /** The lines behind the first one of a location. */
  #rest({ locations }: Irp, text: string): Taken {
    const last = locations.at(-1);
    if (last === undefined) return 'unread';
    if (last.device === null && last.control === null && fill(last, text)) return this.#fed();
    const args = ARGUMENTS.exec(text)?.[1];
    if (args !== undefined) {
      last.args ??= args.trim();
      return this.#fed();
    }
    const words = wordsOf(text);
    if (words.length > 0) last.words.push(...words);
    else if (last.args === null && (text.startsWith('\\') || /^[\w.]{1,64}!\S/.test(text))) nameDriver(last, text);
    else return 'unread';
    return this.#fed();
  }

  #skip(line: KdLine): Taken {
    return this.log.skip('damaged-irp', 'stack locations of !irp that cannot be read were skipped', line);
  }
}

/** The address that a command was typed with; null for none. */
export function typedAddress(typed: Typed | null): bigint | null {
  const word = typed?.args.split(/\s+/).find((arg) => /^(?:0x)?[0-9a-f`]{5,17}$/i.test(arg));
  return word === undefined ? null : parseAddress(word);
}

/** Where an IRP lies whose current location lies at `location`: sizes of the structures have not changed since NT. */
function addressOf(location: bigint | null, current: number, printed: string): bigint | null {
  if (location === null || current < 1) return null;
  const is64Bit = printed.replace(/^0x|`/gi, '').length > 8;
  const [head, one] = is64Bit ? [0xd0, 0x48] : [0x70, 0x24];
  const address = location - BigInt(head + (current - 1) * one);
  return address > 0n ? address : null;
}

function emptyLocation(line: KdLine, isCurrent: boolean, major: number, minor: number): Location {
  const none = { flags: null, control: null, device: null, file: null, context: null };
  return { line, isCurrent, major, minor, ...none, words: [], driver: null, completion: null, args: null };
}

/** Reads what stands behind the functions; false where it is something else. */
function fill(location: Location, text: string): boolean {
  const match = FIELDS.exec(text);
  if (match === null) return false;
  const [, flags, control, device, file, completion, context, words] = match;
  location.flags = Number.parseInt(flags, 16);
  location.control = Number.parseInt(control, 16);
  location.device = parseAddress(device);
  location.file = parseAddress(file);
  // A routine without a name is better than none; the next line names it.
  location.completion = parseAddress(completion) === 0n ? null : completion;
  location.context = parseAddress(context);
  location.words = wordsOf(words ?? '');
  return true;
}

/** `Success Error Cancel pending`, and nothing else. */
function wordsOf(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.length <= WORDS.size && words.every((word) => WORDS.has(word.toLowerCase())) ? words : [];
}

/** `\Driver\Disk PartMgr!PmIoCompletion`: either may be missing. */
function nameDriver(location: Location, text: string): void {
  const mark = text.search(/!|\+0x/);
  const from = mark < 0 ? text.length : text.lastIndexOf(' ', mark) + 1;
  const driver = text.slice(0, from).trim();
  const routine = text.slice(from).trim();
  if (driver !== '') location.driver ??= driver.slice(0, 200);
  if (routine !== '') location.completion = routine.slice(0, 300);
}

function write(log: Log, one: Irp): void {
  const { locations } = one;
  const marked = locations.findIndex(({ isCurrent }) => isCurrent);
  // Where the mark was lost, the number tells, if all locations are there.
  const at = marked < 0 && locations.length === one.stacks ? (one.current ?? 0) - 1 : marked;
  const { address, state, stacks, current, mdl, thread } = one;
  const { major, minor, device, driver, file } = locations[at] ?? {};
  const hasThread = thread === null ? null : Number(thread !== 0n);
  const columns = { address, state, stacks, current, mdl, thread, hasThread, major, minor, device, driver };
  log.row(dumpIrp, { command: NAME, ...columns, file: one.file ?? file ?? null }, one.line);
  for (const [index, { line, words, ...location }] of locations.entries()) {
    const columnsOf = { ...location, isCurrent: Number(index === at), words: words.join(' ') || null };
    log.row(dumpIrpStack, { irp: address, location: index + 1, ...columnsOf }, line);
  }
}
