/**
 * `!ndiskd.miniport` (`!ndiskd.netadapter` in newer debuggers) and `!ndiskd.minidriver`: network adapters and their drivers.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-ndiskd-netadapter
 *
 *     MINIPORT
 *
 *         Example Network Adapter
 *
 *         Ndis handle        ffffe00b000701a0
 *         Miniport driver    ffffe00b00009ae0 - example  v4.1
 *         Device object      ffffe00b00070050    More information
 *
 *     STATE
 *
 *         Device PnP         Started             Show state history
 *         Operational status DORMANT
 *         Flags              BUS_MASTER, 64BIT_DMA, SG_DMA,
 *                            SUPPORTS_MEDIA_SENSE
 *
 * Without a handle it lists them:
 *
 *         Driver             NetAdapter          Name
 *         ffffe00b00009ae0   ffffe00b000701a0    Example Network Adapter
 *
 * Debuggers of Windows XP print `Miniport 8163c308 : Example Adapter, v5.0` and then `Flags          : 2c452208`.
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import { countHeld, hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS } from './values.js';

const TYPED = new Set([
  '!miniport',
  '!miniports',
  '!netadapter',
  '!netadapters',
  '!adapter',
  '!nic',
  '!minidriver',
  '!minidrivers',
]);
const MAX_HELD = 200;

const TITLE = /^(?:MINIPORT|NET\s?ADAPTER|MINIPORT DRIVER|MINIDRIVER)$/;
const SECTION = /^[A-Z][A-Z /&-]{3,40}$/;
const LIST = /^(?:Mini)?Driver\s{1,40}(?:NetAdapter|Miniport|Adapter)\s{1,40}Name$/i;
const LISTED = new RegExp(`^(${ADDRESS})\\s{1,40}(${ADDRESS})\\s{1,40}(\\S.{0,300})$`, 'i');
// `ffffe00b00009ae0 - example` in a list, or as a value
const NAMED = new RegExp(`^(${ADDRESS}) - (\\S.{0,300})$`, 'i');
const OLD_TITLE = new RegExp(`^Miniport:? (${ADDRESS})\\s{0,9}[:,]\\s{0,9}(\\S.{0,300})$`);
const OLD_KEY = /^([A-Za-z][\w ]{1,40}?)\s{0,40}:\s{1,40}(\S.{0,300})$/;
// Keys of 18 characters have one blank behind them.
const KEY_BEFORE_ONE_BLANK =
  /^(Operational (?:status|flags)|Miniport driver|Adapter context|Network interface|Device instance) (\S.*)$/;
const KEY = /^([A-Z0-9][\w ./()-]{1,30}?)\s{2,40}(\S.{0,400})$/;
const FIRST_KEY = /^(?:Ndis handle|Device PnP)\s/;
/** Links behind a value. */
const LINK = /\s{2,99}(?:More information|Show .{1,40}|\[type it\].*)$/i;

export const ndisAdapters: Command = {
  name: '!ndiskd.netadapter',
  isTyped: ({ name }) => TYPED.has(name),
  begins: ({ trimmed }) => {
    const first = trimmed.charCodeAt(0);
    // `M`, `N`, `D`
    if (first !== 77 && first !== 78 && first !== 68) return false;
    return TITLE.test(trimmed) || LIST.test(trimmed) || OLD_TITLE.test(trimmed);
  },
  read: (log, typed) => new Adapters(log, typed),
};

interface Entry {
  readonly name: string;
  value: string;
  readonly line: KdLine;
  lines: number;
}

class Adapters implements Reader {
  #part: 'none' | 'detail' | 'old' | 'list' | 'other' = 'none';
  #kind = 'miniport';
  /** Of the adapter that is shown; null until it is known. */
  #handle: bigint | null = null;
  #entries: Entry[] = [];

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    if (typed?.name.startsWith('!minidriver')) this.#kind = 'minidriver';
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (TITLE.test(trimmed)) return this.#begin(trimmed);
    const old = OLD_TITLE.exec(trimmed);
    if (old !== null) return this.#old(line, old[1], old[2]);
    if (LIST.test(trimmed)) return this.#list();
    if (this.#part === 'detail' || this.#part === 'other') return this.#detail(line);
    if (this.#part === 'old') return this.#ofOld(line);
    return this.#listed(line);
  }

  end(): void {
    this.#write();
  }

  #begin(title: string): Taken {
    this.#write();
    this.#part = 'detail';
    this.#kind = title.includes('DRIVER') ? 'minidriver' : 'miniport';
    return 'ignored';
  }

  #list(): Taken {
    this.#write();
    this.#part = 'list';
    return 'ignored';
  }

  #listed(line: KdLine): Taken {
    const { trimmed } = line;
    const row = LISTED.exec(trimmed);
    if (row !== null && this.#part === 'list') return this.#adapter(line, row[1], row[2], row[3]);
    const named = this.typed === null ? null : NAMED.exec(trimmed);
    if (named === null) return this.typed === null ? 'over' : 'unread';
    const handle = parseAddress(named[1]) ?? 0n;
    return writeFact(this.log, { subject: `${this.#kind} ${hex(handle)}`, name: 'name', value: named[2] }, line);
  }

  #adapter(line: KdLine, driver: string, handle: string, name: string): Taken {
    const subject = `miniport ${hex(parseAddress(handle) ?? 0n)}`;
    writeFact(this.log, { subject, name: 'Miniport driver handle', value: driver }, line);
    return writeFact(this.log, { subject, name: 'name', value: name }, line);
  }

  #old(line: KdLine, handle: string, name: string): Taken {
    this.#write();
    this.#part = 'old';
    this.#kind = 'miniport';
    this.#handle = parseAddress(handle);
    return this.#hold('name', name, line);
  }

  #ofOld(line: KdLine): Taken {
    const match = OLD_KEY.exec(line.trimmed);
    if (match !== null) return this.#hold(match[1], match[2], line);
    // `Flags          : 2c452208`, and their names below it
    return this.#isContinued(line.trimmed) ? this.#continue(line) : this.#notMine();
  }

  #detail(line: KdLine): Taken {
    const { trimmed } = line;
    if (SECTION.test(trimmed) && !trimmed.includes('_')) {
      this.#part = trimmed === 'STATE' ? 'detail' : 'other';
      return 'ignored';
    }
    if (this.#part === 'other') return this.#notMine();
    // The name stands alone, below the title.
    if (this.#entries.length === 0 && !FIRST_KEY.test(trimmed)) return this.#hold('name', trimmed, line);
    if (this.#isContinued(trimmed)) return this.#continue(line);
    const match = KEY_BEFORE_ONE_BLANK.exec(trimmed) ?? KEY.exec(trimmed);
    if (match === null) return this.#notMine();
    return this.#pair(match[1].trim(), match[2].replace(LINK, '').trim(), line);
  }

  #pair(key: string, value: string, line: KdLine): Taken {
    if (key === 'Ndis handle') this.#handle = parseAddress(value);
    const named = /^(?:Miniport driver|Driver)$/i.test(key) ? NAMED.exec(value) : null;
    if (named === null) return this.#hold(key, value, line);
    const taken = this.#hold('Miniport driver', named[2], line);
    this.#add('Miniport driver handle', named[1], line, 0);
    return taken;
  }

  #hold(name: string, value: string, line: KdLine): Taken {
    return this.#add(name, value, line, 1) ? 'held' : 'ignored';
  }

  #add(name: string, value: string, line: KdLine, lines: number): boolean {
    if (this.#entries.length >= MAX_HELD) return false;
    this.#entries.push({ name, value, line, lines });
    return true;
  }

  /** Flags go on in the next line where they end in a comma; those of old debuggers have their names there. */
  #isContinued(trimmed: string): boolean {
    const last = this.#entries.at(-1);
    if (last === undefined || !/^[\w ]{2,60}(?:,|$)/.test(trimmed) || !/^[A-Z0-9_, ]{2,400}$/.test(trimmed))
      return false;
    return last.value.endsWith(',') || (this.#part === 'old' && /flags$/i.test(last.name));
  }

  #continue(line: KdLine): Taken {
    const last = this.#entries.at(-1);
    if (last === undefined) return 'ignored';
    last.value = `${last.value} ${line.trimmed}`;
    last.lines++;
    return 'held';
  }

  #notMine(): Taken {
    return this.typed === null ? 'over' : 'unread';
  }

  #write(): void {
    const handle = this.#handle ?? this.#typedHandle();
    const subject = handle === null ? this.#kind : `${this.#kind} ${hex(handle)}`;
    for (const { name, value, line, lines } of this.#entries) {
      countHeld(this.log, lines, writeFact(this.log, { subject, name, value }, line));
    }
    this.#entries = [];
    this.#handle = null;
  }

  #typedHandle(): bigint | null {
    const word = (this.typed?.args ?? '').split(/\s+/).find((arg) => /^(?:0x)?[0-9a-f`]{8,17}$/i.test(arg));
    return word === undefined ? null : parseAddress(word);
  }
}
