/**
 * `dc` and `dd`: memory as dwords. Read for the value of nt!PoolHitTag, and for pool tags that the log has named before: others
 * may look like tags and be none.
 *
 *     0: kd> dc fffff880`0496e621 l1
 *     fffff880`0496e621  3261654c                             Lea2
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { isOfHitTag } from './pool-hit-tag.js';
import type { Typed } from './prompt.js';
import { ADDRESS, tagOfDword } from './values.js';

const ROW = new RegExp(`^(${ADDRESS})\\s{1,9}((?:[0-9a-f]{8}\\s{1,2}){0,3}[0-9a-f]{8})(?:\\s|$)`, 'i');
const UNREADABLE = new RegExp(`^${ADDRESS}\\s{1,9}\\?{8}`, 'i');

export const dumpMemory: Command = {
  name: 'dc',
  isTyped: ({ name }) => name === 'dc' || name === 'dd',
  begins: ({ trimmed }, log) => {
    const address = log.typedName === '' ? addressOf(trimmed) : null;
    return address !== null && log.wasFoundAt(address);
  },
  read: (log, typed) => new DumpMemory(log, typed),
};

class DumpMemory implements Reader {
  readonly #isOfHitTag: boolean;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#isOfHitTag = isOfHitTag(typed);
  }

  take(line: KdLine): Taken {
    const match = ROW.exec(line.trimmed);
    const address = match === null ? null : parseAddress(match[1]);
    if (match === null || address === null) return this.#other(line);
    const dwords = match[2].split(/\s{1,2}/).map((word) => Number.parseInt(word, 16));
    if (!this.#isOfHitTag) return this.#tags(line, address, dwords);
    this.log.setHitTag(dwords[0]);
    return 'ignored';
  }

  #other(line: KdLine): Taken {
    if (UNREADABLE.test(line.trimmed)) return 'ignored';
    return this.typed === null ? 'over' : 'unread';
  }

  #tags(line: KdLine, address: bigint, dwords: readonly number[]): Taken {
    const { log } = this;
    let taken: Taken = 'ignored';
    for (const [i, dword] of dwords.entries()) {
      const at = address + BigInt(i * 4);
      const tag = tagOfDword(dword);
      if (tag === null || !(log.isKnownTag(tag) || log.wasFoundAt(at))) continue;
      log.knowTag(tag);
      if (log.tagPlace(tag, at, line) === 'row') taken = 'row';
    }
    return taken;
  }
}

function addressOf(trimmed: string): bigint | null {
  const match = ROW.exec(trimmed);
  return match === null ? null : parseAddress(match[1]);
}
