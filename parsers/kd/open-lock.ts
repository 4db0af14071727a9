/** The executive resource that !locks is printing. */
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ResourceThreads } from './resource-threads.js';

/** Figures that stand between the resource and its threads. */
type Figures = Partial<Record<'contentionCount' | 'sharedWaiters' | 'exclusiveWaiters', number>>;

/** The resource whose threads are being listed; kept in the log while other modules read blocks inside of its list. */
export class OpenLock {
  readonly number: number;
  readonly threads: ResourceThreads;
  readonly figures: Figures = {};
  isLocked: boolean | null = null;
  isExclusive: boolean | null = null;
  sharedOwners: number | null = null;
  isNt4 = false;
  areWaitersElided = false;
  isListBroken = false;
  /** Entries of `Threads:` may follow. */
  isListing = false;
  /** Addresses of exclusive waiters may follow. */
  isWaiting = false;
  #waiters = 0;
  #isWritten = false;

  constructor(
    private readonly log: Log,
    readonly address: bigint | null,
    readonly symbol: string | null,
    readonly line: KdLine,
  ) {
    this.number = log.nextLock();
    this.threads = new ResourceThreads(log, this.number);
  }

  waiters(line: KdLine): Taken {
    this.#waiters += this.threads.exclusiveWaiters(line);
    return fed(this.log, dumpLock);
  }

  /** True while more addresses can only be exclusive waiters of it. */
  get expectsWaiters(): boolean {
    return this.isWaiting && this.#waiters < (this.figures.exclusiveWaiters ?? 0);
  }

  /** Writes the lock, once, and the threads that are known by now. */
  write(): void {
    const { figures } = this;
    this.threads.end({
      isExclusive: this.isExclusive,
      sharedOwners: this.sharedOwners,
      sharedWaiters: figures.sharedWaiters ?? null,
      isOwnerFirst: this.isNt4,
    });
    if (this.#isWritten) return;
    this.#isWritten = true;
    const { address, symbol, isLocked, isExclusive, sharedOwners } = this;
    this.log.row(
      dumpLock,
      {
        lock: this.number,
        command: '!locks',
        kind: 'eresource',
        address,
        symbol,
        isLocked: flag(isLocked),
        isExclusive: flag(isExclusive),
        sharedOwners,
        ...figures,
        waitersElided: this.areWaitersElided ? 1 : null,
        isListBroken: this.isListBroken ? 1 : null,
      },
      this.line,
    );
  }
}

const flag = (value: boolean | null): number | null => (value === null ? null : Number(value));
