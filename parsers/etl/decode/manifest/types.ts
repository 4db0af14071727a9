/** What an instrumentation manifest says of its events. */

/** A number written in the manifest, or the name of an earlier item that holds it. */
export type Size = number | string | null;

/** A `<data>` item: one value, or an array of them. */
export interface DataItem {
  readonly kind: 'data';
  readonly name: string;
  /** `win:UInt32` as `uint32`: the documentation's own examples spell the types in several ways. */
  readonly inType: string;
  /** In lower case without prefix; null where the manifest names none. */
  readonly outType: string | null;
  readonly map: ValueMap | null;
  /** In bytes for binary data, in characters for strings. */
  readonly length: Size;
  readonly count: Size;
}

/** A `<struct>` item: its members one after the other, `count` times. */
export interface StructItem {
  readonly kind: 'struct';
  readonly name: string;
  readonly count: Size;
  readonly items: readonly TemplateItem[];
}

export type TemplateItem = DataItem | StructItem;

/** A `<valueMap>` (one value, one text) or a `<bitMap>` (one bit, one text). */
export interface ValueMap {
  readonly kind: 'value' | 'bit';
  readonly texts: ReadonlyMap<number, string>;
}

/** A number with the manifest's name for it, without the prefix `win:`; null where the manifest does not say. */
export interface Named {
  readonly value: number | null;
  readonly name: string | null;
}

export interface ManifestEvent {
  readonly provider: string;
  readonly id: number;
  readonly version: number;
  readonly symbol: string | null;
  readonly level: Named;
  readonly opcode: Named;
  readonly task: Named;
  readonly channel: string | null;
  /** Names as spelled in the event. */
  readonly keywords: readonly string[];
  /** Empty where the event has no payload; null where the file lists events without their templates (`wevtutil gp`). */
  readonly items: readonly TemplateItem[] | null;
  /** Strings of the string table are put in; their `%1` are not. */
  readonly message: string | null;
}

export interface ManifestProvider {
  /** Lower case, without braces. */
  readonly guid: string;
  readonly name: string;
  readonly symbol: string | null;
  readonly events: readonly ManifestEvent[];
}
