/**
 * `!object`. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-object
 *
 *     Object: fffffa8004dc2090  Type: (fffffa80027a2ed0) ALPC Port
 *         ObjectHeader: fffffa8004dc2060 (new version)
 *         HandleCount: 1  PointerCount: 50
 *         Directory Object: fffff8a001a5fb30  Name: ApiPort
 *         Target String is '\Device\Example'
 */
import { formatAddress } from '../../src/core/symbol.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

const NAME = '!object';

const FIRST = new RegExp(`^Object: (${ADDRESS})\\s{1,9}Type: \\(${ADDRESS}\\)\\s{1,9}(\\S.{0,60})$`, 'i');
const COUNTS = /^HandleCount: (\d{1,12})\s{1,9}PointerCount: (\d{1,12})\b/i;
const NAMED = new RegExp(`^Directory Object: ${ADDRESS}\\s{1,9}Name: (.{1,300})$`, 'i');
const TARGET = /^Target String is '(.{0,400})'/i;
// `ObjectHeader: …`, `Optional Headers:`, `NameInfo(…)`, and the members of a directory: ` 00  ffffe0083e6a61f0 Device  00000044`
const SOUND = new RegExp(
  `^(?:ObjectHeader: |Optional Headers:|\\w{1,30}Info\\(|Hash Address\\s|---- -------|(?:\\d{1,3}\\s{1,9})?${ADDRESS}\\s{1,9}[A-Z]\\w{1,30}\\s)`,
  'i',
);

export const object: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('Object: ') && FIRST.test(trimmed),
  read: (log, typed) => new ObjectReader(log, typed !== null),
};

class ObjectReader implements Reader {
  #subject: string | null = null;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const first = FIRST.exec(trimmed);
    if (first !== null) {
      this.#subject = `object ${formatAddress(addressIn(first[1])) ?? '0x0'}`;
      return this.#fact('type', first[2].trim(), null, line);
    }
    if (this.#subject === null) return this.isTyped ? 'unread' : 'over';
    return this.#part(line) ?? (this.isTyped ? 'unread' : 'over');
  }

  #part(line: KdLine): Taken | null {
    const { trimmed } = line;
    const counts = COUNTS.exec(trimmed);
    if (counts !== null) {
      this.#fact('handleCount', counts[1], Number(counts[1]), line);
      return this.#fact('pointerCount', counts[2], Number(counts[2]), line);
    }
    const name = NAMED.exec(trimmed);
    if (name !== null) return this.#fact('name', name[1].trim(), null, line);
    const target = TARGET.exec(trimmed);
    if (target !== null) return this.#fact('target', target[1], null, line);
    return SOUND.test(trimmed) ? 'ignored' : null;
  }

  #fact(name: string, value: string, number: number | null, line: KdLine): Taken {
    return this.log.row(dumpFact, { subject: this.#subject, name, value, number }, line);
  }
}
