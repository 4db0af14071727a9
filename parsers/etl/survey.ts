/**
 * The first pass over a log: what must be known before any event can be told of. Processes, threads and images may be named
 * at the end only, stack keys are defined after their use, and buffers need not lie in the order of time.
 */
import { grown } from '../../src/core/grown.js';
import { Reader } from '../../src/core/reader.js';
import type { RandomBytes } from '../../src/core/source.js';
import { EmbeddedManifests, MANIFEST_EVENT } from './decode/embedded-manifests.js';
import { EventInfos, METADATA_GUID } from './decode/event-info.js';
import { readExtendedItems } from './decode/extended-items.js';
import { BufferList } from './log/buffer-list.js';
import { type BufferTroubles, buffersOf, type LogBuffer } from './log/buffers.js';
import { EventCursor } from './log/cursor.js';
import { EventCounts } from './log/event-counts.js';
import { BUFFER_HEADER, BufferFlag, Group, HEADER_BUFFER, HEADER_BYTES, HeaderType, kernelKey } from './log/layout.js';
import { type LogHeader, readLogHeader } from './log/log-header.js';
import { LateStacks } from './stacks/late-stacks.js';
import {
  defineKey,
  isStackUse,
  KEY_DELETE,
  KEY_RUNDOWN,
  keyOf,
  STACK,
  stackAt,
  stackPidAt,
  stackTidAt,
  stampOf,
} from './stacks/stack-events.js';
import { StackKeys, Stacks } from './stacks/stacks.js';
import { mayBeSystemClass, readSystemEvent, SYSTEM_KINDS } from './system/system-events.js';
import { SystemMap } from './system/system-map.js';

/** What the first pass found. */
export interface Survey {
  /** Null where the first event is no header of a log. */
  readonly header: LogHeader | null;
  readonly counts: EventCounts;
  readonly system: SystemMap;
  readonly stacks: Stacks;
  readonly keys: StackKeys;
  readonly late: LateStacks;
  readonly buffers: BufferList;
  readonly manifests: EmbeddedManifests;
  /** Descriptions of events that merging added. */
  readonly infos: EventInfos;
  readonly events: number;
  /** Buffers in the file, with events or without. */
  readonly bufferCount: number;
  /** Stacks of other events, and those of them whose event lies in the same buffer. */
  readonly stackUses: number;
  readonly stacksInPlace: number;
  /** Ticks of the first event behind the header, and of the last; NaN where there is none. */
  readonly firstTicks: number;
  readonly lastTicks: number;
  /** Events that came, on their processor, after one that is later. */
  readonly inversions: number;
  readonly isCompressed: boolean;
  /** Buffers with the marks for lost events and for lost buffers. */
  readonly marked: { readonly eventsLost: number; readonly buffersLost: number };
  /** Damaged or unreadable events of processes, threads and images. */
  readonly damagedSystemEvents: number;
}

/** Told of what cannot be read, as it is found. */
export interface Troubles extends BufferTroubles {
  /** `bytes` at `at` (counted as if all buffers were unpacked) are no event. */
  noEvent(at: number, bytes: number, why: string): void;
}

const LOG_HEADER = kernelKey(Group.EventTrace, 0);

export async function survey(file: RandomBytes, troubles: Troubles): Promise<Survey> {
  const pass = new SurveyPass(troubles);
  for await (const buffer of buffersOf(file, troubles)) pass.buffer(buffer);
  pass.seal();
  return pass;
}

class SurveyPass implements Survey {
  header: LogHeader | null = null;
  readonly counts = new EventCounts();
  readonly system = new SystemMap();
  readonly stacks = new Stacks();
  readonly keys = new StackKeys();
  readonly late = new LateStacks();
  readonly buffers = new BufferList();
  readonly manifests = new EmbeddedManifests();
  readonly infos = new EventInfos();
  readonly marked = { eventsLost: 0, buffersLost: 0 };
  events = 0;
  bufferCount = 0;
  stackUses = 0;
  stacksInPlace = 0;
  firstTicks = Number.NaN;
  lastTicks = Number.NaN;
  inversions = 0;
  isCompressed = false;
  damagedSystemEvents = 0;
  readonly #cursor: EventCursor;
  #headerSpan = { first: Number.NaN, last: Number.NaN };
  /** Times of the events of the current buffer. */
  #times: Float64Array = new Float64Array(1 << 14);

  constructor(troubles: Troubles) {
    this.#cursor = new EventCursor((cursor, at, bytes, why) => troubles.noEvent(cursor.start + at, bytes, why));
  }

  buffer({ header, at, start, bytes }: LogBuffer): void {
    const { flags, cpu } = header;
    if (flags & BufferFlag.Compressed) this.isCompressed = true;
    if (flags & BufferFlag.EventsLost) this.marked.eventsLost++;
    if (flags & BufferFlag.BufferLost) this.marked.buffersLost++;
    const cursor = this.#cursor;
    cursor.open(bytes, BUFFER_HEADER.bytes, Math.min(header.end, bytes.length), start, cpu);
    this.bufferCount++;
    if (!cursor.step()) return;
    if (this.header === null && this.events === 0) this.#readHeader(cursor);
    const isFirst = this.buffers.count === 0 && header.type === HEADER_BUFFER;
    const { first, last } = this.#walk(cursor);
    this.buffers.add({ at, size: header.size, start, bytes: bytes.length }, cpu, first);
    // The first buffer does not count where others follow: it may be hours older than what a log that wraps still holds.
    if (isFirst) this.#headerSpan = { first, last };
    else this.#widen(first, last);
  }

  /** Once all buffers were taken. */
  seal(): void {
    this.system.seal();
    this.late.seal(this.keys);
    if (Number.isNaN(this.firstTicks)) this.#widen(this.#headerSpan.first, this.#headerSpan.last);
  }

  /** The first event of a log. */
  #readHeader(cursor: EventCursor): void {
    if (cursor.key !== LOG_HEADER || cursor.size < HEADER_BYTES[cursor.type]) return;
    const { bytes, at, size, type } = cursor;
    const counter = bytes.readBigInt64LE(at + 16);
    const payload = new Reader(bytes, at + HEADER_BYTES[type], at + size);
    this.header = readLogHeader(payload, type === HeaderType.System64, counter);
    cursor.setOrigin(counter);
    cursor.ticks = 0;
  }

  /** Takes all events of a buffer; gives the first and the last time in it. */
  #walk(cursor: EventCursor): { readonly first: number; readonly last: number } {
    let times = this.#times;
    let n = 0;
    let last = Number.NEGATIVE_INFINITY;
    let count = 0;
    do {
      count++;
      const { key, ticks } = cursor;
      const other = this.counts.count(cursor);
      if (ticks < last) this.inversions++;
      last = ticks;
      if (other !== null && other.kind.id === MANIFEST_EVENT) this.#manifest(cursor, other.kind.guid ?? '');
      else if (other !== null && other.kind.guid === METADATA_GUID) this.#description(cursor);
      if (key >> 8 === Group.StackWalk) this.#stack(cursor, times, n);
      else {
        if (n === times.length) times = this.#moreTimes();
        times[n++] = ticks;
        if (key >= 0 ? SYSTEM_KINDS[key] === 1 : other?.kind.header === 'classic' && mayBeSystemClass(cursor))
          this.#system(cursor, other?.kind.guid ?? null);
      }
    } while (cursor.step());
    this.events += count;
    let first = 0;
    while (first < n && times[first] === Number.NEGATIVE_INFINITY) first++;
    return { first: first < n ? times[first] : last, last };
  }

  /** Only times that are known. */
  #widen(first: number, last: number): void {
    if (Number.isFinite(first) && !(first >= this.firstTicks)) this.firstTicks = first;
    if (Number.isFinite(last) && !(last <= this.lastTicks)) this.lastTicks = last;
  }

  #stack(cursor: EventCursor, times: Float64Array, n: number): void {
    const { key } = cursor;
    if (key === KEY_DELETE || key === KEY_RUNDOWN) defineKey(cursor, this.stacks, this.keys);
    if (!isStackUse(cursor)) return;
    this.stackUses++;
    const stamp = stampOf(cursor);
    if (includes(times, n, stamp)) {
      this.stacksInPlace++;
      return;
    }
    const { ticks } = cursor;
    const tid = stackTidAt(cursor, cursor.at);
    const pid = stackPidAt(cursor, cursor.at);
    if (key !== STACK) this.late.add(stamp, pid, tid, -1, keyOf(cursor), ticks);
    else this.late.add(stamp, pid, tid, stackAt(cursor, cursor.at, this.stacks, this.keys), 0n, ticks);
  }

  #description({ bytes, at, size, type }: EventCursor): void {
    this.infos.take(bytes[at + 4], new Reader(bytes, at + HEADER_BYTES[type], at + size));
  }

  #manifest(cursor: EventCursor, provider: string): void {
    const { bytes, at, size, type } = cursor;
    if (type !== HeaderType.Event32 && type !== HeaderType.Event64) return;
    const hasItems = (bytes[at + 4] & 1) === 1;
    const from = hasItems ? readExtendedItems(bytes, at + HEADER_BYTES[type], at + size).next : at + HEADER_BYTES[type];
    this.manifests.take(provider, new Reader(bytes, from, at + size));
  }

  #system(cursor: EventCursor, guid: string | null): void {
    const event = readSystemEvent(cursor, guid);
    if (event === 'damaged') this.damagedSystemEvents++;
    else if (event !== null) this.system.take(event, cursor.ticks);
  }

  #moreTimes(): Float64Array {
    this.#times = grown(this.#times, this.#times.length * 2);
    return this.#times;
  }
}

/** True where `value` is among the first `n` of `times`, which ascend; most often it is one of the last. */
function includes(times: Float64Array, n: number, value: number): boolean {
  if (n > 0 && times[n - 1] === value) return true;
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low < n && times[low] === value;
}
