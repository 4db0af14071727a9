/** Rows of `log_message` whose texts are spans of the bytes at hand. */

import { lineAt, type Output } from '../../src/core/parser.js';
import type { Store } from '../../src/core/schema.js';
import { type Dictionaries, Writer } from '../../src/core/table.js';
import { logMessage } from '../../src/tables/log-message.js';
import { EventTally } from './event-tally.js';

/** A message with the lines that go on with it; what is behind is not kept. */
const MAX_MESSAGE = 1 << 16;

/**
 * One row is open at a time, so that lines below can be added to its message. The parser calls `open`, fills the columns at
 * the index that it gives, then `message`. Rows that nobody reads are filled all the same and thrown away.
 */
export class MessageRows {
  readonly cols: Store<typeof logMessage>;
  readonly dicts: Dictionaries<typeof logMessage>;
  readonly tally: EventTally;
  /** Number of the current line, from 1. */
  line = 0;
  readonly #writer: Writer<typeof logMessage>;
  readonly #isWanted: boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #isOpen = false;
  /** Lines may belong to the message above. */
  #goesOn = false;
  /** That message was cut. */
  #isCut = false;
  #openFrom = 0;
  #provider = -1;

  constructor(private readonly out: Output) {
    const writer = out.writer(logMessage);
    this.#isWanted = writer !== null;
    this.#writer = writer ?? unread(out);
    this.cols = this.#writer.cols;
    this.dicts = this.#writer.dicts;
    this.tally = new EventTally(this.dicts.provider);
  }

  /** Begins with other bytes, whose first one is at `start` in the source. Messages are spans of `texts`, as long as `bytes`. */
  begin(bytes: Buffer, start: number, texts: Buffer = bytes): void {
    this.#bytes = bytes;
    this.#start = start;
    this.cols.message.buffer = texts;
    this.out.quoteRow = (byte) => (byte < start || byte >= start + bytes.length ? '' : lineAt(bytes, byte - start));
  }

  /** Messages point into a copy of the bytes from now on, and those of this batch too. */
  useTexts(texts: Buffer): void {
    this.cols.message.buffer = texts;
  }

  /** Ends the row before and begins one for the line at `from`; gives its index in the columns. */
  open(from: number): number {
    if (this.#isOpen) this.close();
    const n = this.#writer.n;
    this.cols.line[n] = this.line;
    this.cols.byte[n] = this.#start + from;
    this.#isOpen = true;
    this.#goesOn = true;
    this.#isCut = false;
    this.#openFrom = from;
    if (this.#isWanted) this.out.account.rows++;
    else this.out.account.ignored++;
    return n;
  }

  /** The message of the row that was begun, and whose it is (an id of `provider`, -1 for none). */
  message(n: number, from: number, to: number, provider: number): void {
    this.cols.message.from[n] = from;
    this.cols.message.end[n] = to;
    this.#provider = provider;
  }

  /** A line that begins no message, and ends before `to`: it goes on with the message above. False where there is none. */
  addLine(to: number): boolean {
    if (this.#isOpen) this.#extend(to);
    else if (!this.#goesOn) return false;
    // Its bytes are not at hand any more: it is too long.
    else this.#cut();
    return true;
  }

  #extend(to: number): void {
    const { message } = this.cols;
    const { n } = this.#writer;
    const most = message.from[n] + MAX_MESSAGE;
    message.end[n] = Math.max(message.end[n], Math.min(to, most));
    if (to > most) this.#cut();
  }

  #cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.out.diagnostics.add(
      'message-cut',
      'warning',
      `messages of many lines are cut at ${MAX_MESSAGE >> 10} KB; the rest of their lines was ignored`,
      { line: this.line },
    );
  }

  /** Nothing below belongs to the message above. */
  endMessage(): void {
    this.close();
    this.#goesOn = false;
  }

  /** Ends the open row, if there is one. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { n } = this.#writer;
    this.tally.add(this.#provider, this.cols.message.end[n] - this.#openFrom + 1);
    this.#writer.push();
  }

  /** Hands rows on, before the bytes that they point into are gone. */
  flush(): void {
    this.close();
    this.out.flush();
    this.#writer.flush();
  }

  /** To be called once, at the source's end. */
  finish(): void {
    this.flush();
    this.tally.tell(this.out);
    if (this.#writer.total === 0) {
      this.out.diagnostics.add('no-rows', 'warning', 'nothing in the source is a message of this format');
    }
  }

  /** The text of the line at `from`, for diagnostics. */
  lineText(from: number): string {
    return lineAt(this.#bytes, from);
  }
}

/** A writer whose rows go nowhere. */
function unread(out: Output): Writer<typeof logMessage> {
  const writer: Writer<typeof logMessage> = new Writer(logMessage, out.source, [], {
    about: out.about,
    quoteRow: () => '',
    flush: () => writer.flush(),
    noRoomFor: () => {},
  });
  return writer;
}
