/** What waits for what: drafts of the answer's edges, with the rows that they stand on. */

import type { Locks } from '../locks.js';
import type { Model, Thread } from '../model.js';
import type { EdgeKind } from '../result.js';
import type { Cited, DumpRows } from '../rows.js';
import type { StackWait } from '../waits.js';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly object: string | null;
  readonly certain: boolean;
  /** Another object that the thread waits for may end the wait as well. */
  readonly isOneOfSeveral?: boolean;
  /** The request is at the last driver of its device stack: the device itself has it. */
  readonly isAtDevice?: boolean;
  readonly statement: string;
  readonly rows: readonly Cited[];
}

/** A thread that waits, and how. */
export interface Waiter {
  readonly thread: Thread;
  readonly wait: StackWait | null;
}

/** What those that find edges may look at. */
export interface Scene {
  readonly model: Model;
  readonly rows: DumpRows;
  readonly locks: Locks;
  readonly waiters: readonly Waiter[];
}

/** Finds edges of some kinds. */
export type EdgeFinder = (scene: Scene) => Edge[];

export const UNKNOWN = 'unknown';
export const processNode = (address: string): string => `process:${address}`;
export const driverNode = (name: string): string => `driver:${name}`;
export const remoteNode = (server: string): string => `remote:\\\\${server}`;
