/** How many messages stand in the queues of a port's connection. */
import type { dumpPortConnection } from '../../tables/dump-lock.js';
import type { Placed } from './rows.js';

/** Each of its six queues, those of the server first; null where its length is not printed. */
export const connectionQueues = (one: Placed<typeof dumpPortConnection>): readonly (number | null)[] => [
  one.serverMain,
  one.serverPending,
  one.serverLarge,
  one.clientMain,
  one.clientPending,
  one.clientLarge,
];
