/** What tracefmt's prefix of a line says. */
import { NULL_I32 } from '../../src/core/schema.js';
import { skipBlanks } from './bytes.js';
import { DateKind } from './date-text.js';
import type { Stamp } from './stamp.js';

const OPEN = 91;
const CLOSE = 93;
/** Names of providers, functions and files are shorter. */
export const MAX_NAME = 256;

/** One form of the prefix. The fields hold what the last line had. */
export abstract class WppPrefix {
  cpu = NULL_I32;
  pid = NULL_I32;
  tid = NULL_I32;
  /** Where names begin and end; both 0 where the line has none. */
  providerFrom = 0;
  providerEnd = 0;
  functionFrom = 0;
  functionEnd = 0;
  fileFrom = 0;
  fileEnd = 0;
  levelFrom = 0;
  levelEnd = 0;
  /** Where the message begins. */
  textFrom = 0;

  constructor(
    readonly stamp: Stamp,
    readonly hasLevel: boolean,
  ) {}

  /** True where the line begins with this prefix; then the fields and the stamp are set. */
  abstract match(bytes: Buffer, from: number, end: number): boolean;

  /**
   * A date and a time, or a FILETIME as `!wmitrace.logdump` prints it for TraceLogging events: where it ends, -1 where there
   * is none.
   */
  protected timeEnd(bytes: Buffer, from: number, end: number): number {
    const { stamp } = this;
    if (stamp.read(bytes, from, end)) {
      return stamp.kind === DateKind.none || stamp.kind === DateKind.noYear ? -1 : stamp.end;
    }
    return stamp.readFiletime(bytes, skipBlanks(bytes, from, end), end) ? stamp.end : -1;
  }

  /** `[provider]`, which may be missing, as where tracefmt found no format for a message: gives where it ends. */
  protected providerStop(bytes: Buffer, at: number, end: number): number {
    this.providerFrom = 0;
    this.providerEnd = 0;
    if (bytes[at] !== OPEN) return at;
    const stop = Math.min(end, at + MAX_NAME);
    let i = at + 1;
    while (i < stop && bytes[i] !== CLOSE) i++;
    // A message may begin with a bracket that does not close.
    if (i === stop) return at;
    this.providerFrom = at + 1;
    this.providerEnd = i;
    return i + 1;
  }
}
