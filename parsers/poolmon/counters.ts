/** The two lines of figures of the whole machine above a poolmon table. */

export interface Counter {
  readonly name: string;
  /** Null where it is negative: it has wrapped. */
  readonly value: number | null;
  readonly unit: 'bytes' | 'count';
}

//  Memory:  260620K Avail:   96364K  PageFlts:     0   InRam Krnl: 1916K P:17856K
const MEMORY = /^\s{0,40}Memory\s{0,2}:[\s\S]{0,80}\bAvail\s{0,2}:/;
//  Commit: 203500K Limit: 640916K Peak: 260632K            Pool N: 8332K P:27220K
const COMMIT = /^\s{0,40}Commit\s{0,2}:[\s\S]{0,80}\bLimit\s{0,2}:/;

export type HeadLine = 'memory' | 'commit';

export function headLineOf(text: string): HeadLine | null {
  if (MEMORY.test(text)) return 'memory';
  return COMMIT.test(text) ? 'commit' : null;
}

const FIGURE =
  /(?<![A-Za-z])(Memory|Avail|PageFlts|InRam\s{1,4}Krnl|Commit|Limit|Peak|Pool\s{1,4}N|P)\s{0,2}:\s{0,20}(-?\d{1,15})([KMG]?)(?!\w)/g;
const FACTORS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
/** Of names that say nothing alone, what they are of. */
const FULL_NAMES: Readonly<Record<string, string>> = { Limit: 'Commit Limit', Peak: 'Commit Peak' };

export function countersOf(text: string): Counter[] {
  const counters: Counter[] = [];
  let group = '';
  for (const [, label, digits, suffix] of text.matchAll(FIGURE)) {
    const name = label.replace(/\s+/, ' ');
    if (name === 'InRam Krnl' || name === 'Pool N') group = name.split(' ')[0];
    else if (name === 'P' && group === '') continue;
    const counted = name === 'PageFlts';
    // Sizes are printed in K: without a unit it is not known what they are in.
    if (!counted && suffix === '') continue;
    const value = Number(digits) * (FACTORS[suffix] ?? 1);
    counters.push({
      name: name === 'P' ? `${group} P` : (FULL_NAMES[name] ?? name),
      value: value < 0 ? null : value,
      unit: counted ? 'count' : 'bytes',
    });
  }
  return counters;
}
