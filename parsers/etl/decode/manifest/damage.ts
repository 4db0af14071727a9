import { TracekitError } from '../../../../src/core/error.js';
import { printable } from '../../../../src/core/text.js';

/** A place in a file that the user named. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

const REMEDY = 'Give the manifest as its author ships it, or write a new one with PerfView.';

/** The error of a manifest that cannot be read as it stands. */
export function damaged(place: Place, what: string): TracekitError {
  return new TracekitError(`${printable(place.path)}:${place.line}:${place.column}: ${printable(what)}. ${REMEDY}`);
}
