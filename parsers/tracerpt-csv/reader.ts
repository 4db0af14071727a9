/** What is kept while a dump is read. */

import type { Output } from '../../src/core/parser.js';
import type { Writer } from '../../src/core/table.js';
import { genericEvent } from '../../src/tables/event.js';
import { emptyHead, type KernelContext, type KernelHead, kernelContext } from '../tracerpt/context.js';
import type { KernelEvent } from '../tracerpt/kernel-events.js';
import { type Columns, MAX_COLUMNS } from './columns.js';

/** What all records with the same Event Name, Type and Event ID share. */
export interface Kind {
  readonly provider: string;
  readonly type: string;
  /** As counted: `PerfInfo/DPC`; `Microsoft-Windows-Kernel-Acpi/7` where only the id tells events apart. */
  readonly eventName: string;
  /** The kernel event, where its fields have to be read. */
  readonly known: KernelEvent | null;
  readonly isHeaderLine: boolean;
  /** Index of each field by name, by the number of fields; null where no version has that many. */
  readonly layouts: Map<number, ReadonlyMap<string, number> | null>;
}

export interface Reader {
  readonly out: Output;
  readonly context: KernelContext;
  readonly events: Writer<typeof genericEvent> | null;
  columns: Columns | null;
  readonly kinds: Map<string, Kind>;
  /** Line at which the current record begins, from 1. */
  line: number;
  /** The current record: where its fixed columns end. */
  readonly commas: Int32Array;
  commaCount: number;
  /** The current record ends within quotes. */
  isOpen: boolean;
  /** Line feeds in the current record, its own line end left out. */
  innerLines: number;
  /** The fields of the current event and their places by name. */
  values: readonly string[];
  layout: ReadonlyMap<string, number> | null;
  readonly head: KernelHead;
  readonly field: (name: string) => string | undefined;
  lastUs: number;
}

export function makeReader(out: Output): Reader {
  const reader: Reader = {
    out,
    context: kernelContext(out),
    events: out.writer(genericEvent),
    columns: null,
    kinds: new Map(),
    line: 1,
    commas: new Int32Array(MAX_COLUMNS),
    commaCount: 0,
    isOpen: false,
    innerLines: 0,
    values: [],
    layout: null,
    head: emptyHead(),
    field(name) {
      const index = reader.layout?.get(name);
      return index === undefined ? undefined : reader.values[index];
    },
    lastUs: Number.NaN,
  };
  return reader;
}
