/** Counters in messages: `(retry 11)`, then `(retry 12)`. */
import { Token } from './scanner.js';
import { ANY_WORD, type TemplateToken } from './template-text.js';

/** Words beside a number that counts tries, in the languages of the words that say how bad a message is. */
const COUNTS =
  /^(?:retry|retries|retrying|retried|retrycount|attempts?|attemptcount|try|tries|iteration|failurecount|errorcount|versuch|versuche|wiederholung|tentative|essai|reintento|intento|intentos|tentativa|tentativo|poging|próba|попытка|попытки)$/i;
const NEAR_WORDS = 2;

/** Which of a template's variables counts tries: its number among the variables; -1 where none does. */
export function retrySlot(tokens: readonly TemplateToken[]): number {
  let slot = -1;
  for (let i = 0; i < tokens.length; i++) {
    const { kind } = tokens[i];
    if (kind < Token.number || kind === ANY_WORD) continue;
    slot++;
    if (kind === Token.number && (isNear(tokens, i, -1) || isNear(tokens, i, 1))) return slot;
  }
  return -1;
}

/** Before it `retry #`, `attempt number`; behind it `. attempt`. */
function isNear(tokens: readonly TemplateToken[], at: number, step: 1 | -1): boolean {
  let words = 0;
  for (let i = at + step; i >= 0 && i < tokens.length && words < (step < 0 ? NEAR_WORDS : 1); i += step) {
    const { kind, text } = tokens[i];
    if (kind >= Token.number) return false;
    if (kind !== Token.word) continue;
    words++;
    if (COUNTS.test(text)) return true;
    // `retry count`, `retry_count`, `try no`
    if (step > 0 || !/^(?:count|counter|number|no|nr|num|n|of)$/i.test(text))
      return /retr(?:y|ies)|attempt/i.test(text);
  }
  return false;
}

export interface Count {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly resets: number;
}

/** A counter as one thread's messages show it. */
export class RetryCounter {
  #first = Number.NaN;
  #last = Number.NaN;
  #step = Number.NaN;
  #same = 0;
  #other = 0;
  #resets = 0;
  /** Values that came in the order of time, less those that came against it. */
  #forward = 0;

  /** The next value; where `isBackwards` is true it is an earlier one, of a log with the newest first. */
  saw(value: number, isBackwards = false): void {
    if (Number.isNaN(value)) return;
    this.#forward += isBackwards ? -1 : 1;
    if (Number.isNaN(this.#first)) this.#first = value;
    else this.#next(value - this.#last);
    this.#last = value;
  }

  #next(step: number): void {
    if (Number.isNaN(this.#step) && step !== 0) this.#step = step;
    if (step === this.#step) this.#same++;
    else if (this.#step > 0 ? step < 0 : step > 0) this.#resets++;
    else this.#other++;
  }

  /** The count, where it steps as counters do; null where it does not, or never did. */
  count(): Count | null {
    const steps = this.#same + this.#other;
    if (this.#same === 0 || this.#same < 0.8 * steps || this.#resets > this.#same) return null;
    return this.#forward < 0
      ? { first: this.#last, last: this.#first, step: -this.#step, resets: this.#resets }
      : { first: this.#first, last: this.#last, step: this.#step, resets: this.#resets };
  }
}
