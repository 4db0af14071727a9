/**
 * `!peb`, `!teb`: the command line of a process, the ids of a thread. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-peb
 *
 *     PEB at 7ffdf000
 *         ImageFile:    'C:\Example\app.exe'
 *         CommandLine:  'app.exe -x'
 *     TEB at 7ffde000
 *         ClientId:             00000f10 . 00001abc
 */
import { fileName, parseAddress } from '../../src/core/symbol.js';
import { dumpProcess, dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const AT = /^(?:Wow64 )?(PEB|TEB)(?:32)? at (?:0x)?([0-9a-f`]{6,17})$/i;
const IMAGE = /^ImageFile:\s{1,40}'?(.{1,300}?)'?$/i;
const COMMAND_LINE = /^CommandLine:\s{1,40}'(.{0,2000}?)'?$/i;
const CLIENT = /^ClientId:\s{1,40}([0-9a-f`]{1,17})\s{0,9}\.\s{0,9}([0-9a-f`]{1,17})$/i;
// What these blocks hold beside: names with values, and the environment.
const KNOWN =
  /^(?:[A-Za-z][\w.() ]{2,60}:(?:\s|$)|[^\s=]{1,80}=|Ldr\b|Base TimeStamp|[0-9a-f`]{6,17} [0-9a-f]{8} \w{3} )/;

export const environmentBlocks: Command = {
  name: '!peb',
  isTyped: ({ name }) => name === '!peb' || name === '!teb',
  begins: ({ trimmed }) => /^[PTW]/.test(trimmed) && AT.test(trimmed),
  read: (log) => new EnvironmentBlock(log),
};

class EnvironmentBlock implements Reader {
  #kind: string | null = null;
  #isWow64 = false;
  #address: bigint | null = null;
  #image: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const at = AT.exec(trimmed);
    if (at !== null) {
      this.#kind = at[1].toUpperCase();
      this.#isWow64 = /32|wow/i.test(trimmed.slice(0, 8));
      this.#address = parseAddress(at[2]);
      return 'ignored';
    }
    if (this.#kind === null) return 'unread';
    const taken = this.#kind === 'PEB' ? this.#ofPeb(line) : this.#ofTeb(line);
    if (taken !== null) return taken;
    return /^\s/.test(line.text) || KNOWN.test(trimmed) ? 'ignored' : 'unread';
  }

  #ofPeb(line: KdLine): Taken | null {
    const image = IMAGE.exec(line.trimmed)?.[1];
    if (image !== undefined) {
      this.#image = fileName(image);
      return 'ignored';
    }
    const commandLine = COMMAND_LINE.exec(line.trimmed)?.[1];
    if (commandLine === undefined || this.#isWow64) return null;
    const address = this.log.context.isKernel === false ? null : this.log.context.process;
    return this.log.row(dumpProcess, { command: '!peb', address, image: this.#image, commandLine, hasPeb: 1 }, line);
  }

  #ofTeb(line: KdLine): Taken | null {
    const client = CLIENT.exec(line.trimmed);
    if (client === null || this.#isWow64) return null;
    const { context } = this.log;
    const isUser = context.isKernel === false;
    return this.log.row(
      dumpThread,
      {
        sighting: this.log.nextSighting(),
        command: '!teb',
        address: isUser ? null : context.thread,
        number: isUser ? context.number : null,
        pid: idOf(client[1]),
        tid: idOf(client[2]),
        teb: this.#address,
      },
      line,
    );
  }
}

const idOf = (text: string): number => Number.parseInt(text.replace('`', ''), 16);
