/**
 * The `Event` elements of a source, one by one. Event Viewer writes all of them in one line, wevtutil each in a line of
 * its own without a root, others spread them over many lines: so they are cut out of the bytes by their tags, and damage
 * costs the event that it is in.
 */
import type { RandomBytes } from '../../src/core/source.js';
import { decodeUtf8 } from '../../src/core/text.js';
import { MAX_EVENT, type ReadXml, type XmlResult } from './xml-event.js';

export interface XmlPiece {
  readonly text: string;
  readonly line: number;
  readonly byte: number;
  /** Why it is no whole event: its end or beginning is missing, it is longer than any event, or the source ends in it. */
  readonly lacks: 'end' | 'start' | 'size' | 'rest' | null;
  /** What it says; null where it lacks something. */
  readonly result: XmlResult | null;
}

const CHUNK = 1 << 20;
/** Bytes behind a tag's name that tell whether it begins an event; none is looked at before these are there. */
const AHEAD = 1024;
/** `</prefix:` in front of it. */
const BEHIND = 34;
const NAME = Buffer.from('Event');
/** Ends that may belong to something inside of an event: its own is looked for beyond. */
const MAX_INNER_ENDS = 8;

// `<Event xmlns="…"><System>`, and nothing else between
const EVENT_START =
  /^<(?:[A-Za-z_][\w.-]{0,30}:)?Event(?:\s[^<>]{0,600})?>\s{0,200}<(?:[A-Za-z_][\w.-]{0,30}:)?System[\s>]/;
const TAG_FRONT = /<(\/?)(?:[A-Za-z_][\w.-]{0,30}:)?$/;

interface Window {
  bytes: Buffer;
  /** Offset of `bytes[0]` in the source. */
  start: number;
  /** Where to look on, in `bytes`. */
  from: number;
  /** Where the open event begins in `bytes`; -1 where none is open. */
  open: number;
  innerEnds: number;
  /** True behind an event that was given up: its end is not one without a beginning. */
  isLost: boolean;
  /** Lines counted up to `countedTo`, an offset in the source. */
  line: number;
  countedTo: number;
}

interface Tag {
  readonly kind: 'start' | 'end';
  /** Where its `<` is, and where it ends or, of a start, its name. */
  readonly at: number;
  readonly end: number;
}

/** Cuts a source into events and reads each: one in which elements are still open goes on to the next end. */
export async function* xmlPieces(source: RandomBytes, read: ReadXml): AsyncGenerator<XmlPiece> {
  const window: Window = {
    bytes: Buffer.alloc(0),
    start: 0,
    from: 0,
    open: -1,
    innerEnds: 0,
    isLost: false,
    line: 1,
    countedTo: 0,
  };
  for (let at = 0, ended = false; !ended; ) {
    const part = Buffer.allocUnsafe(CHUNK);
    const n = await source.read(part, at);
    ended = n === 0;
    at += n;
    window.bytes = Buffer.concat([window.bytes, part.subarray(0, n)]);
    yield* piecesIn(window, read, ended);
    dropRead(window);
  }
  if (window.open >= 0) yield pieceOf(window, window.open, window.bytes.length, 'rest');
}

function* piecesIn(window: Window, read: ReadXml, ended: boolean): Generator<XmlPiece> {
  for (let tag = nextTag(window, ended); tag !== null; tag = nextTag(window, ended)) {
    if (window.open >= 0 && tag.at - window.open > MAX_EVENT) yield giveUp(window, tag.at);
    if (tag.kind === 'start') yield* onStart(window, tag);
    else yield* onEnd(window, tag, read);
  }
  if (window.open >= 0 && window.from - window.open > MAX_EVENT) yield giveUp(window, window.from);
}

function giveUp(window: Window, end: number): XmlPiece {
  const piece = pieceOf(window, window.open, Math.min(end, window.open + 4096), 'size');
  window.open = -1;
  window.isLost = true;
  return piece;
}

function* onStart(window: Window, tag: Tag): Generator<XmlPiece> {
  const isEvent = EVENT_START.test(decodeUtf8(window.bytes, tag.at, Math.min(window.bytes.length, tag.at + AHEAD)));
  if (window.open >= 0 && isEvent) yield pieceOf(window, window.open, tag.at, 'end');
  else if (window.open >= 0) return;
  window.open = tag.at;
  window.innerEnds = 0;
  window.isLost = false;
}

function* onEnd(window: Window, tag: Tag, read: ReadXml): Generator<XmlPiece> {
  const { open } = window;
  if (open < 0) {
    if (!window.isLost) yield pieceOf(window, tag.at, tag.end, 'start');
    return;
  }
  const piece = pieceOf(window, open, tag.end, null);
  const result = read(piece.text);
  if (result === 'open' && ++window.innerEnds <= MAX_INNER_ENDS) return;
  window.open = -1;
  yield { ...piece, result };
}

/** The next tag of an element `Event`; null where more bytes are needed, or none are left. */
function nextTag(window: Window, ended: boolean): Tag | null {
  const { bytes } = window;
  const limit = ended ? bytes.length : bytes.length - AHEAD;
  for (;;) {
    const at = bytes.indexOf(NAME, window.from);
    if (at < 0 || at >= limit) {
      window.from = Math.max(window.from, at < 0 ? Math.max(limit, 0) : at);
      return null;
    }
    window.from = at + NAME.length;
    const front = bytes.toString('latin1', Math.max(0, at - BEHIND), at);
    const found = TAG_FRONT.exec(front);
    if (found === null) continue;
    const next = bytes[window.from];
    const isEnd = found[1] === '/';
    if (next !== 0x3e && !(next === 0x20 || next === 0x09 || next === 0x0a || next === 0x0d)) continue;
    const tagAt = at - found[0].length;
    if (!isEnd) return { kind: 'start', at: tagAt, end: window.from };
    const close = bytes.indexOf(0x3e, window.from);
    if (close < 0 || close - window.from > AHEAD) continue;
    return { kind: 'end', at: tagAt, end: close + 1 };
  }
}

/** Bytes in front of the open event, or of where to look on, are not needed any more. */
function dropRead(window: Window): void {
  const keepFrom = window.open >= 0 ? window.open : Math.max(0, window.from - BEHIND);
  if (keepFrom === 0) return;
  countLines(window, window.start + keepFrom);
  window.bytes = window.bytes.subarray(keepFrom);
  window.start += keepFrom;
  window.from -= keepFrom;
  if (window.open >= 0) window.open -= keepFrom;
}

function pieceOf(window: Window, from: number, to: number, lacks: XmlPiece['lacks']): XmlPiece {
  countLines(window, window.start + from);
  const text = decodeUtf8(window.bytes, from, Math.min(to, from + MAX_EVENT));
  return { text, line: window.line, byte: window.start + from, lacks, result: null };
}

/** Goes on counting line ends up to an offset of the source; offsets never go back by more than an event's own start. */
function countLines(window: Window, upTo: number): void {
  const { bytes, start } = window;
  for (let at = window.countedTo; at < upTo; ) {
    const newline = bytes.indexOf(10, at - start);
    if (newline < 0 || newline + start >= upTo) break;
    window.line++;
    at = newline + start + 1;
  }
  window.countedTo = Math.max(window.countedTo, upTo);
}
