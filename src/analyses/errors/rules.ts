/** Templates that the user pins, by `--template` and `--rules`. */
import { parseFilter } from '../../core/filter.js';
import type { Rule } from './options.js';

/** The first rule that a message matches: its number; -1 for none. */
export class Rules {
  readonly #matchers: readonly ((text: string) => boolean)[];

  constructor(rules: readonly Rule[]) {
    this.#matchers = rules.map(({ pattern }) => matcher(pattern));
  }

  get some(): boolean {
    return this.#matchers.length > 0;
  }

  match(text: string): number {
    return this.#matchers.findIndex((matches) => matches(text));
  }
}

/** `Login of <*> failed*`: a variable of any type, `*` and `?` stand for what varies; letter case counts. */
function matcher(pattern: string): (text: string) => boolean {
  const wild = pattern.replace(/<[^<>\s]{1,20}>/g, '*');
  // A filter's own signs are text here.
  const plain = wild.replace(/^!/, '?').replaceAll(';', '?');
  return parseFilter(plain, { caseSensitive: true });
}
