/** Finds the outputs of commands in a log: by prompts, and where there is none by their own shape. */
import type { TextLine } from '../../src/core/parser.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { COMMANDS } from './commands.js';
import { runsTarget } from './context.js';
import { isCut, type KdLine, kdLine } from './line.js';
import type { Log } from './log.js';
import { hitTagTyped } from './pool-hit-tag.js';
import { announcedIn, type Prompt, promptIn, type Typed, typedIn } from './prompt.js';
import { quality } from './quality.js';

/** Names of commands that nobody reads, counted one by one. */
const MAX_NAMES = 200;
const NO_COMMAND = '(no command)';
// Dots behind these show how far it is.
const PROGRESS = /^Loading (?:Kernel Symbols|User Symbols|unloaded module list)/i;

/** One output that is being read. */
interface Current {
  readonly command: Command;
  readonly reader: Reader;
  bytes: number;
  /** Something of it was read. */
  hasRows: boolean;
}

export class Outputs {
  #current: Current | null = null;
  /** Commands of the last prompt. */
  #typed: readonly Typed[] = [];
  /** Lines since the last prompt that nobody reads. */
  #unreadBytes = 0;
  #unreadLine: number | null = null;
  /** How the output that nobody reads is named. */
  #unreadName = NO_COMMAND;
  readonly #unread = new Map<string, { count: number; line: number }>();
  /** The last line that was not blank, and no dots. */
  #lastText = '';
  #repaired = 0;
  #repairedLine: KdLine | null = null;

  constructor(private readonly log: Log) {}

  take(textLine: TextLine): void {
    const { log } = this;
    const line = kdLine(textLine, log.follow(textLine.byte));
    if (line.isRepaired) this.#repaired++;
    if (line.isRepaired) this.#repairedLine ??= line;
    const { account } = log.out;
    const taken = this.#take(line);
    if (taken === 'row') account.rows++;
    else if (taken === 'ignored' || taken === 'unread') account.ignored++;
  }

  finish(): void {
    this.#end();
    this.#endUnread();
    this.#tellUnread();
    this.#tellRepaired();
  }

  #take(line: KdLine): Taken {
    const { trimmed } = line;
    if (trimmed === '') return 'ignored';
    const told = quality(this.log, line);
    if (told !== null) return this.#between(line, told);
    const prompt = promptIn(trimmed);
    if (prompt !== null) return this.#prompt(prompt, line);
    const announced = announcedIn(trimmed);
    if (announced !== null) return this.#commands(announced, null);
    if (isCut(line)) return this.#cut(line);
    this.#lastText = trimmed;
    if (PROGRESS.test(trimmed)) return 'ignored';
    if (this.log.context.answer(trimmed)) return 'ignored';
    return this.#read(line) ?? this.#next(line) ?? this.#passOver(line);
  }

  /**
   * A line that tells of the dump's quality, and may stand in the middle of any output. The reader around it sees it too, but
   * does not end with it.
   */
  #between(line: KdLine, told: Taken): Taken {
    const prompt = promptIn(line.trimmed);
    let taken: Taken | null;
    if (prompt === null) taken = this.#current?.reader.take(line) ?? 'unread';
    else taken = this.#prompt(prompt, line);
    if (taken === 'unread' || taken === 'over') taken = this.#next(line);
    if (taken === 'row' || taken === 'held' || taken === 'skipped') return taken;
    this.log.out.countEvent('dump quality', line.text.length + 1);
    return told;
  }

  /** What the current reader makes of a line; null where it is not its own. */
  #read(line: KdLine): Taken | null {
    const current = this.#current;
    if (current === null) return null;
    const taken = current.reader.take(line);
    if (taken === 'over') this.#end();
    if (taken === 'over' || taken === 'unread') return null;
    current.bytes += line.text.length + 1;
    current.hasRows ||= taken === 'row' || taken === 'held';
    return taken;
  }

  /** Begins the output that the line is the first of; null where it is of none. */
  #next(line: KdLine): Taken | null {
    const next = COMMANDS.find((command) => command !== this.#current?.command && command.begins(line, this.log));
    if (next === undefined) return null;
    this.#begin(next);
    return this.#read(line);
  }

  #prompt(prompt: Prompt, line: KdLine): Taken {
    const taken = this.#commands(prompt.rest, prompt);
    const running = this.#typed.find(runsTarget);
    if (running === undefined) return taken;
    return this.log.row(dumpFact, { subject: 'target', name: 'ran', value: running.name }, line);
  }

  /** Commands that are typed, or announced without a prompt. */
  #commands(text: string, prompt: Prompt | null): Taken {
    this.#end();
    this.#endUnread();
    this.log.openLock = null;
    this.#typed = typedIn(text);
    if (prompt !== null) this.log.context.prompt(prompt, this.#typed);
    this.log.typedName = this.#typed[0]?.name ?? '';
    this.#unreadName = this.log.typedName === '' ? NO_COMMAND : this.log.typedName;
    for (const typed of this.#typed) hitTagTyped(this.log, typed);
    for (const typed of this.#typed) {
      const command = COMMANDS.find((one) => one.isTyped(typed));
      if (command === undefined) continue;
      this.#begin(command);
      break;
    }
    return 'ignored';
  }

  #begin(command: Command): void {
    this.#end();
    const typed = this.#typed.find((one) => command.isTyped(one)) ?? null;
    if (typed !== null) this.#unreadName = `rest of ${typed.name}`;
    this.#current = { command, reader: command.read(this.log, typed), bytes: 0, hasRows: false };
  }

  #end(): void {
    const current = this.#current;
    if (current === null) return;
    this.#current = null;
    current.reader.end?.();
    if (current.bytes > 0) this.log.out.countEvent(current.command.name, current.bytes);
  }

  #cut(line: KdLine): Taken {
    if (PROGRESS.test(this.#lastText)) return 'ignored';
    const current = this.#current;
    current?.reader.cut?.();
    this.log.cut(line);
    // Dots also show the progress of a command: only behind rows are they certain to stand for more of them.
    if (current?.hasRows) {
      this.log.out.diagnostics.add('cut-output', 'info', 'parts of outputs were cut out of the log', {
        line: line.line,
        example: line.quote,
      });
    }
    return 'ignored';
  }

  #passOver(line: KdLine): Taken {
    this.#unreadBytes += line.text.length + 1;
    this.#unreadLine ??= line.line;
    return 'unread';
  }

  #endUnread(): void {
    if (this.#unreadLine === null) return;
    const name = this.#unread.size < MAX_NAMES || this.#unread.has(this.#unreadName) ? this.#unreadName : '(others)';
    const known = this.#unread.get(name) ?? { count: 0, line: this.#unreadLine };
    known.count++;
    this.#unread.set(name, known);
    this.log.out.countEvent(name, this.#unreadBytes);
    this.#unreadBytes = 0;
    this.#unreadLine = null;
  }

  #tellUnread(): void {
    const names = [...this.#unread].sort((a, b) => b[1].count - a[1].count || a[1].line - b[1].line);
    const shown = names.slice(0, 20).map(([name, { count }]) => (count === 1 ? name : `${name} (${count})`));
    const more = names.length > shown.length ? ', …' : '';
    const message = `outputs that are not read yet were passed over: ${shown.join(', ')}${more}`;
    const line = Math.min(...names.map(([, one]) => one.line));
    for (const [example, { count }] of names) {
      this.log.out.diagnostics.add('unread-commands', 'info', message, { line, example, count });
    }
  }

  #tellRepaired(): void {
    const first = this.#repairedLine;
    if (first === null) return;
    this.log.out.diagnostics.add(
      'repaired-text',
      'info',
      'lines that publishing had damaged (hard blanks, curly quotes, `0×`) were read as they must have been',
      { line: first.line, example: first.quote, count: this.#repaired },
    );
  }
}
