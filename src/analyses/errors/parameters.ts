/** Values of a template's variables: how many there are, which, and from where to where. */
import { grown } from '../../core/grown.js';
import type { Batch, Cite } from '../../core/table.js';
import { type Scanner, Token } from './scanner.js';

/** Different values that are kept of a variable. */
const KEPT = 16;
/** Variables of a message that are followed. */
const FOLLOWED = 8;
/** Of each the least, the greatest, and the digits of the longest hex number, its `0x` counted. */
const EACH = 3;
/** In front: variables that are followed, and how many of them still have a list of values. */
const HEAD = 2;
const STRIDE = HEAD + EACH * FOLLOWED;

/** Places kept of values. */
const MAX_PLACES = 20_000;

export interface Place {
  readonly source: number;
  readonly cite: Cite;
}

export interface Values {
  /** Values as text, those seen first. */
  readonly texts: readonly string[];
  /** How often each came; as long as all are known. */
  readonly counts: readonly number[];
  /** Where each came first. */
  readonly places: readonly (Place | null)[];
  readonly isAll: boolean;
  /** Of numbers; least above greatest where there were none. */
  readonly min: number;
  readonly max: number;
  readonly isHex: boolean;
  /** Digits of the longest hex number, its `0x` counted. */
  readonly hexDigits: number;
}

class Slot {
  readonly texts: string[] = [];
  readonly hashes: number[] = [];
  readonly counts: number[] = [];
  readonly places: (Place | null)[] = [];
  isAll = true;
}

export class Parameters {
  // What is looked at with each message lies together; lists of values only until there are too many.
  #figures = new Float64Array(256 * STRIDE);
  readonly #slots: (Slot[] | undefined)[] = [];
  #places = 0;

  /** Takes the variables of the message that the scanner saw last. */
  saw(template: number, scanner: Scanner, bytes: Buffer, batch: Batch, i: number): void {
    if (this.#slots[template] === undefined) this.#make(template, scanner.slots);
    const figures = this.#figures;
    const base = template * STRIDE;
    const n = figures[base] < scanner.slots ? figures[base] : scanner.slots;
    for (let s = 0; s < n; s++) {
      const value = scanner.slotValue[s];
      const at = base + HEAD + EACH * s;
      if (value < figures[at]) figures[at] = value;
      if (value > figures[at + 1]) figures[at + 1] = value;
      if (scanner.slotKind[s] === Token.hex) {
        const digits = scanner.slotEnd[s] - scanner.slotFrom[s];
        if (digits > figures[at + 2]) figures[at + 2] = digits;
      }
    }
    if (figures[base + 1] > 0) this.#list(template, n, scanner, bytes, batch, i);
  }

  #list(template: number, n: number, scanner: Scanner, bytes: Buffer, batch: Batch, i: number): void {
    const slots = this.#slots[template] as Slot[];
    for (let s = 0; s < n; s++) {
      if (!slots[s].isAll) continue;
      if (note(slots[s], scanner, s, bytes)) {
        const isRoom = slots[s].texts.length > 1 && this.#places < MAX_PLACES;
        if (isRoom) this.#places++;
        slots[s].places.push(isRoom ? { source: batch.source, cite: batch.cite(i) } : null);
      }
      if (!slots[s].isAll) this.#figures[template * STRIDE + 1]--;
    }
  }

  #make(template: number, count: number): Slot[] {
    const needed = (template + 1) * STRIDE;
    if (needed > this.#figures.length) this.#figures = grown(this.#figures, Math.max(needed, 2 * this.#figures.length));
    const slots = Array.from({ length: Math.min(count, FOLLOWED) }, () => new Slot());
    this.#slots[template] = slots;
    const base = template * STRIDE;
    this.#figures.set([slots.length, slots.length], base);
    for (let s = 0; s < FOLLOWED; s++) {
      this.#figures.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0], base + HEAD + EACH * s);
    }
    return slots;
  }

  /** Adds those of one template to another's. */
  merge(into: number, from: number): void {
    const there = this.#slots[from];
    if (there === undefined || into === from) return;
    const here = this.#slots[into] ?? this.#make(into, there.length);
    const figures = this.#figures;
    for (let s = 0; s < Math.min(here.length, there.length); s++) {
      join(here[s], there[s]);
      const [a, b] = [into, from].map((template) => template * STRIDE + HEAD + EACH * s);
      figures[a] = Math.min(figures[a], figures[b]);
      figures[a + 1] = Math.max(figures[a + 1], figures[b + 1]);
      figures[a + 2] = Math.max(figures[a + 2], figures[b + 2]);
    }
  }

  /** The variables of a template, in order. */
  of(template: number): readonly Values[] {
    return (this.#slots[template] ?? []).map(({ texts, counts, places, isAll }, s) => {
      const at = template * STRIDE + HEAD + EACH * s;
      const [min, max, hexDigits] = this.#figures.subarray(at, at + EACH);
      // `-0` is 0: JSON knows no other.
      return { texts, counts, places, isAll, hexDigits, isHex: hexDigits > 0, min: min + 0, max: max + 0 };
    });
  }
}

/** Notes a value; true where it is a new one. */
function note(slot: Slot, scanner: Scanner, s: number, bytes: Buffer): boolean {
  const from = scanner.slotFrom[s];
  const end = scanner.slotEnd[s];
  let hash = 0x811c9dc5;
  for (let i = from; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  const known = slot.hashes.indexOf(hash);
  if (known >= 0) {
    slot.counts[known]++;
    return false;
  }
  if (slot.hashes.length >= KEPT) {
    slot.isAll = false;
    return false;
  }
  slot.hashes.push(hash);
  slot.counts.push(1);
  slot.texts.push(bytes.toString('utf8', from, Math.min(end, from + 200)));
  return true;
}

function join(here: Slot, there: Slot): void {
  here.isAll &&= there.isAll;
  for (const [i, hash] of there.hashes.entries()) {
    const known = here.hashes.indexOf(hash);
    if (known >= 0) {
      here.counts[known] += there.counts[i];
      continue;
    }
    if (here.hashes.length >= KEPT) {
      here.isAll = false;
      return;
    }
    here.hashes.push(hash);
    here.texts.push(there.texts[i]);
    here.counts.push(there.counts[i]);
    here.places.push(there.places[i]);
  }
}
