/** What a source is to those who read it. */

/** Bytes looked at to tell encoding and format. */
export const HEAD_BYTES = 65536;
/** A line longer than this is skipped and counted, so that memory stays bounded. */
export const MAX_LINE = 1 << 20;
/** One read from a source. */
export const READ_BYTES = 1 << 20;
/** Room that blocks need: a line of the longest kind and a read behind it, twice, since the next block is read ahead. */
export const BLOCK_BYTES = 2 * (MAX_LINE + READ_BYTES);
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'binary';
export type Container = 'gzip' | 'zip' | null;

/** Whole lines from a source. `bytes` is valid until the next block is asked for. */
export interface Block {
  /** UTF-8; ends with a line feed, but for the last block of a source that does not. */
  readonly bytes: Buffer;
  /** Offset of `bytes[0]` in the unpacked source. */
  readonly start: number;
  /** Set on a block without bytes that stands for one line longer than {@link MAX_LINE}, which was not kept. */
  readonly overlong: { readonly length: number; readonly text: string } | null;
}

/** An opened source, to be read once from front to back. */
export interface SourceStream {
  readonly encoding: Encoding;
  readonly container: Container;
  /** The first bytes of the text, as UTF-8 (raw where the source is binary), at most {@link HEAD_BYTES}. */
  readonly head: Buffer;
  /** True where `head` is the whole source. */
  readonly headIsAll: boolean;
  /** Reads into `buffer` where one of {@link BLOCK_BYTES} is given: for parsers whose scanner has memory of its own. */
  blocks(buffer?: Buffer): AsyncGenerator<Block>;
  /**
   * The whole source as bytes that can be read anywhere, in place of `blocks()`. What is packed or comes through a pipe is
   * unpacked first, into memory or, where it is big, into a temporary file.
   */
  random(): Promise<RandomBytes>;
  /** Bytes taken from the disk (before unpacking) and their total, null where unknown. For progress. */
  progress(): { readonly read: number; readonly total: number | null };
  /** What reading found wrong, once `blocks()` has ended. */
  readonly troubles: readonly Trouble[];
  close(): void;
}

/** A source that is read at any place. */
export interface RandomBytes {
  /** Bytes of the unpacked source. */
  readonly size: number;
  /** Fills `target` from `at` on; fewer bytes where the source ends before. */
  read(target: Uint8Array, at: number): Promise<number>;
  close(): void;
}

/** Something wrong with the bytes themselves. */
export interface Trouble {
  readonly code: 'truncated' | 'file-shrank';
  readonly message: string;
}

/** One thing to read: a file, standard input, or an entry of a zip. */
export interface Input {
  /** As shown: the path given, with `!entry` for a zip's entry. */
  readonly path: string;
  /** Size on disk (of the whole container), null where unknown. */
  readonly bytes: number | null;
  /** Opens it from the start. Standard input can be opened once. */
  open(): Promise<SourceStream>;
}
