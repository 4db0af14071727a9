/** Pseudonyms, and the names that are replaced wherever they occur as a word. */
import { endOf, folded, isAlnum } from './characters.js';
import { PLAIN_WORDS } from './plain-words.js';
import { WINDOWS_ACCOUNTS, WINDOWS_MODULES, WINDOWS_PROCESSES } from './windows-names.js';

export const NAME_KINDS = [
  'server',
  'host',
  'user',
  'domain',
  'process',
  'path',
  'ip',
  'mac',
  'mail',
  'sid',
  'arguments',
] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** A shorter name would be found inside of sentences. */
const SHORTEST = 3;
const LONGEST = 512;
/** Shorter beginnings say nothing. */
const SHORTEST_CUT = 3;

interface Known {
  readonly pseudonym: string;
  readonly kind: NameKind;
}

export interface KnownAt extends Known {
  /** Behind the name. */
  readonly end: number;
}

export class Names {
  /** By the folded name: whatever its kind, a name has one pseudonym. */
  readonly #pseudonyms = new Map<string, string>();
  readonly #counts = new Map<NameKind, number>();
  readonly #known = new Map<string, Known>();
  /** Lengths of known names, longest first, by the letters that they begin with. */
  readonly #lengths = new Map<string, number[]>();
  /** What known names begin with. */
  readonly #firsts = new Set<number>();
  #sorted: string[] | null = null;
  /** Stems of drivers: `acme` of `acme.sys`. */
  readonly drivers = new Set<string>();

  /** The pseudonym of a name, the same each time: `server-1`. Numbered as they come, each kind by itself. */
  of(kind: NameKind, name: string): string {
    const key = folded(name);
    const before = this.#pseudonyms.get(key);
    if (before !== undefined) return before;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    const made = kind === 'arguments' ? '(arguments removed)' : `${kind}-${number}`;
    this.#pseudonyms.set(key, made);
    return made;
  }

  /** Has a name replaced wherever it stands as a word; not one that says nothing, or would be found in numbers. */
  learn(kind: NameKind, name: string, pseudonym: string): void {
    const key = stripped(folded(name));
    if (this.#known.has(key) || !isTelling(key)) return;
    this.#known.set(key, { pseudonym, kind });
    this.#firsts.add(key.charCodeAt(0));
    const first = key.slice(0, endOf(key, 0, isAlnum));
    const lengths = this.#lengths.get(first) ?? [];
    if (!lengths.includes(key.length)) {
      lengths.push(key.length);
      lengths.sort((a, b) => b - a);
      this.#lengths.set(first, lengths);
    }
    this.#sorted = null;
  }

  /** The longest known name that begins at `at` with the run of letters up to `runEnd`. */
  knownAt(text: string, at: number, runEnd: number): KnownAt | null {
    if (!this.#firsts.has(text.charCodeAt(at))) return null;
    for (const length of this.#lengths.get(text.slice(at, runEnd)) ?? []) {
      const end = at + length;
      if (end > text.length || (end < text.length && isAlnum(text.charCodeAt(end)))) continue;
      const known = this.#known.get(text.slice(at, end));
      if (known !== undefined) return { ...known, end };
    }
    return null;
  }

  /** True where a known name begins with `text`: what stands before a cut may be the beginning of one. */
  beginsOne(text: string): boolean {
    if (text.length < SHORTEST_CUT || !isTelling(text)) return false;
    this.#sorted ??= [...this.#known.keys()].sort();
    const names = this.#sorted;
    let low = 0;
    for (let high = names.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (names[middle] < text) low = middle + 1;
      else high = middle;
    }
    return low < names.length && names[low].startsWith(text);
  }

  /** How many different names of each kind have got a pseudonym. */
  counts(): { readonly kind: NameKind; readonly count: number }[] {
    return NAME_KINDS.flatMap((kind) => {
      const count = this.#counts.get(kind) ?? 0;
      return count === 0 ? [] : [{ kind, count }];
    });
  }
}

function stripped(name: string): string {
  let [from, end] = [0, name.length];
  while (from < end && !isAlnum(name.charCodeAt(from))) from++;
  while (end > from && !isAlnum(name.charCodeAt(end - 1))) end--;
  return name.slice(from, end);
}

function isTelling(key: string): boolean {
  if (key.length < SHORTEST || key.length > LONGEST) return false;
  if (PLAIN_WORDS.has(key) || WINDOWS_ACCOUNTS.has(key) || WINDOWS_MODULES.has(key) || WINDOWS_PROCESSES.has(key))
    return false;
  // Numbers and addresses; a name of hex digits alone, as `dc01`, is shorter than an address.
  return !/^[\d.:+-]{1,512}$|^0x[0-9a-f]{1,16}$|^[0-9a-f`]{8,17}$/.test(key);
}
