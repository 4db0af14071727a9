/**
 * Whose outputs follow: the process and thread that the debugger is set to, by prompts, by what is typed and by what it answers.
 *
 *     kd> .process /r /p 89a20858
 *     Implicit process is now 89a20858
 *     kd> .thread 898aa600
 *     Implicit thread is now 898aa600
 *     0:021> kb
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Prompt, Typed } from './prompt.js';
import { ADDRESS } from './values.js';

const IMPLICIT = new RegExp(`^Implicit (process|thread) is now (${ADDRESS}|[0-9a-f]{5,16})$`, 'i');
// `~21s`, `~4 s`, `~4kb`, `~*k`
const OF_THREAD = /^~(\d{1,5})/;
const SWITCH = /^~\d{1,5}\s{0,9}s$/i;
/** Commands that let the target run: what was shown before is of an earlier moment. */
const RUNNING = new Set(['g', 'gh', 'gn', 'gu', 'p', 'pa', 'pc', 'pt', 't', 'ta', 'tc', 'tt', 'wt', '.reboot']);
/** True where what is typed lets the target run. */
export const runsTarget = ({ name }: Typed): boolean => RUNNING.has(name);

export class Context {
  /** False in a log of a user-mode debugger; null where no prompt was seen. */
  isKernel: boolean | null = null;
  /** Processor of the last prompt. */
  cpu: number | null = null;
  /** User mode: thread of the last prompt, or the one that a command names (`~4 kb`). */
  number: number | null = null;
  /** Process whose user-mode addresses are shown; null for that of the dump, or unknown. */
  process: bigint | null = null;
  /** Thread that .thread has set; null for the current one of the processor. */
  thread: bigint | null = null;

  /** A prompt and what is typed behind it. */
  prompt(prompt: Prompt, typed: readonly Typed[]): void {
    const { isKernel } = this;
    this.isKernel = prompt.isKernel;
    if (isKernel !== null && isKernel !== prompt.isKernel) this.#reset();
    if (prompt.cpu !== this.cpu) this.thread = null;
    this.cpu = prompt.cpu;
    this.number = prompt.thread;
    for (const one of typed) this.#typed(one);
  }

  /** What the debugger answers to .process and .thread; true where the line was that. */
  answer(trimmed: string): boolean {
    if (!trimmed.startsWith('Implicit ')) return false;
    const match = IMPLICIT.exec(trimmed);
    if (match === null) return false;
    if (match[1].toLowerCase() === 'process') this.#setProcess(match[2]);
    else this.thread = parseAddress(match[2]);
    return true;
  }

  #typed({ name, args }: Typed): void {
    const address = lastAddress(args);
    if (name === '.process') this.#setProcess(address);
    else if (name === '.thread') this.thread = address === null ? null : parseAddress(address);
    else if (name.startsWith('~')) this.#thread(`${name} ${args}`.trim());
    else if (RUNNING.has(name) || name === '.cxr') this.#reset();
  }

  #setProcess(address: string | null): void {
    const process = address === null ? null : parseAddress(address);
    // The debugger says 0 for "back to that of the dump".
    this.process = process === 0n ? null : process;
    this.thread = null;
  }

  #thread(text: string): void {
    const number = OF_THREAD.exec(text)?.[1];
    if (this.isKernel === false) this.number = number === undefined ? null : Number(number);
    else if (number !== undefined && SWITCH.test(text)) this.cpu = Number(number);
    this.thread = null;
  }

  #reset(): void {
    this.process = null;
    this.thread = null;
  }
}

/** The address among the arguments of a command: `/r /p 89a20858`; null where there is none. */
function lastAddress(args: string): string | null {
  const found = args.split(/\s+/).filter((word) => /^(?:0x)?[0-9a-f`]{5,17}$/i.test(word));
  return found.at(-1) ?? null;
}
