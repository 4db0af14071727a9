/**
 * Which marks begin or end the same spans: those of one family whose names are equal, or of which one goes on where the other ends
 * (`QueryInterface handler`, `QueryInterface handler STATUS_SUCCESS`). Found by name: there may be as many as there are users or files.
 */
import { pushTo } from '../../core/push-to.js';
import type { SpanMark } from './span-words.js';

/** Marks that may end what one begins, and the other way round. */
export const MAX_PARTNERS = 64;
/** Words of a name behind which a shorter one may end. */
const MAX_BEGINNINGS = 12;

export class SpanPartners {
  readonly #byName = new Map<string, number[]>();
  /** By each beginning of their names. */
  readonly #byBeginning = new Map<string, number[]>();

  /** Adds a mark. Returns those of the other side that are of the same spans, at most {@link MAX_PARTNERS}. */
  add(number: number, mark: SpanMark): readonly number[] {
    const found = mark.families.flatMap((family) => this.#add(number, family, mark));
    return [...new Set(found)].slice(0, MAX_PARTNERS);
  }

  #add(number: number, family: number, { isStart, name }: SpanMark): readonly number[] {
    const beginnings = beginningsOf(name);
    const there = `${family} ${!isStart} `;
    const found = [
      ...(this.#byName.get(there + name) ?? []),
      ...beginnings.flatMap((beginning) => this.#byName.get(there + beginning) ?? []),
      ...(this.#byBeginning.get(there + name) ?? []),
    ];
    const here = `${family} ${isStart} `;
    pushTo(this.#byName, here + name, number);
    for (const beginning of beginnings) {
      const known = this.#byBeginning.get(here + beginning);
      if (known === undefined || known.length < MAX_PARTNERS) pushTo(this.#byBeginning, here + beginning, number);
    }
    return found;
  }
}

/** `a b c`: `a`, `a b`. */
function beginningsOf(name: string): string[] {
  const found: string[] = [];
  for (let at = name.indexOf(' '); at > 0 && found.length < MAX_BEGINNINGS; at = name.indexOf(' ', at + 1)) {
    found.push(name.slice(0, at));
  }
  return found;
}
