/** What trace message format files say of WPP messages. */

/** An argument of a message: `status, ItemNTSTATUS -- 11`. */
export interface TmfArgument {
  /** 11 for `%11!s!`; below 10 are the parts of the prefix. */
  readonly index: number;
  /** The expression in the source, or `arg11` where there is none; a second `Arg` is `Arg_2`. */
  readonly name: string;
  /** `ItemNTSTATUS`, without what is in parentheses. */
  readonly type: string;
  /** Texts of `ItemListByte(Low,APC,DPC)` and of the like, by value; empty for other types. */
  readonly texts: ReadonlyMap<number, string>;
}

export interface TmfMessage {
  readonly guid: string;
  readonly number: number;
  /** `busenum_c123`: source file and line, as WPP joins them. */
  readonly name: string;
  readonly component: string;
  readonly source: string | null;
  readonly format: string;
  readonly level: string | null;
  readonly flags: string | null;
  readonly function: string | null;
  /** In the order in which they lie. */
  readonly arguments: readonly TmfArgument[];
  /** Why the arguments cannot be read; null where they can. */
  readonly defect: string | null;
}
