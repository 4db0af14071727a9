/**
 * `s -a` in the image of every module: where a tag stands in code or data.
 *
 *     0: kd> !for_each_module s -a @#Base @#End "Leak"
 *     fffff880`0496e3aa  4c 65 61 6b 3b c1 0f 42-c1 41 8d 49 fd 8b d0 ff  Leak;..B.A.I....
 *
 * Every row of a search begins with what was searched; that tells it from a dump of bytes (`db`) where the command is lost.
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS, tagOfBytes } from './values.js';

const MAX_HELD = 2000;
/** A dump of bytes has so many in a row. */
const ROW_BYTES = 16n;

const ROW = new RegExp(`^(${ADDRESS})\\s{1,9}((?:[0-9a-f]{2}[\\s-]){3,15}[0-9a-f]{2})(?:\\s|$)`, 'i');
// `s -a @#Base @#End "Leak"`, `-[1]a 0 L?ffff "Leak"`
const ASCII = /(?:^|\s)-(?:\[\w{1,4}\])?a\b/i;
const IN_EACH_MODULE = /\bs\s{1,9}-(?:\[\w{1,4}\])?a\b/i;

export const search: Command = {
  name: 's',
  isTyped: ({ name, args }) =>
    (name === 's' && ASCII.test(args)) || (name === '!for_each_module' && IN_EACH_MODULE.test(args)),
  begins: ({ trimmed }, log) => log.typedName === '' && ROW.test(trimmed),
  read: (log, typed) => new Search(log, typed),
};

interface Found {
  readonly address: bigint;
  readonly tag: string;
  readonly line: KdLine;
}

class Search implements Reader {
  /** The text searched for; null where it is not four characters, or not known. */
  readonly #text: string | null;
  /** Rows of which it is not certain yet that a search printed them. */
  readonly #held: Found[] = [];
  #heldLines = 0;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#text = /"(.{4})"/.exec(typed?.args ?? '')?.[1] ?? null;
  }

  take(line: KdLine): Taken {
    const match = ROW.exec(line.trimmed);
    const address = match === null ? null : parseAddress(match[1]);
    if (match === null || address === null) return this.typed === null ? 'over' : 'unread';
    const tag = this.#text ?? tagOfBytes(match[2].split(/[\s-]/).map((byte) => Number.parseInt(byte, 16)));
    if (this.typed !== null) return tag === null ? 'ignored' : this.#found({ address, tag, line });
    this.#heldLines++;
    if (this.#held.length < MAX_HELD) this.#held.push({ address, tag: tag ?? '', line });
    return 'held';
  }

  end(): void {
    const { account } = this.log.out;
    const isSearch = this.#isSearch();
    for (const found of this.#held) {
      if (isSearch && this.#found(found) === 'row') account.rows++;
      else account.ignored++;
    }
    account.ignored += this.#heldLines - this.#held.length;
  }

  /** Two rows or more that begin with the same tag and do not follow each other as those of a dump do. */
  #isSearch(): boolean {
    const [first, ...others] = this.#held;
    if (first === undefined || !/^[A-Za-z0-9]{2}[ -~]{2}$/.test(first.tag)) return false;
    const isNext = (found: Found, i: number): boolean => found.address - this.#held[i].address === ROW_BYTES;
    return others.length > 0 && others.every(({ tag }) => tag === first.tag) && !others.some(isNext);
  }

  #found({ address, tag, line }: Found): Taken {
    this.log.knowTag(tag);
    this.log.foundAt(address);
    return this.log.tagPlace(tag, address, line);
  }
}
