/** What a disk event means, in a sentence. */
import { type DiskData, withoutFlags } from './disk-data.js';
import type { DiskEventKind } from './disk-events.js';

/** Where the data say nothing more. */
const KINDS: Readonly<Record<DiskEventKind, string>> = {
  'paging-error': 'a read or write of the memory manager or the cache failed',
  reset: 'a request was not answered in time, and the device was reset',
  retried: 'a command failed and was sent again',
  'bad-block': 'a block of the disk cannot be read or written',
  'controller-error': 'the controller reported an error',
  timeout: 'the device did not answer in time',
  'not-ready': 'the device was not ready',
  'failure-predicted': 'the disk predicts that it will fail',
  'hardware-error': 'a command failed because of the hardware',
  slow: 'a command took longer than it may',
  removed: 'the disk was removed while it was in use',
  'same-identifiers': 'two disks have the same identifiers',
  'write-lost': 'data that were to be written later could not be, and are lost',
  'flush-failed': 'the file system could not write its log to the disk',
};

const SRB: Readonly<Record<number, string>> = {
  2: 'the command was aborted',
  3: 'the command could not be aborted',
  5: 'the controller was busy',
  6: 'the controller does not know the request',
  7: 'the path to the disk is not there',
  8: 'the disk is not there any more',
  9: 'the command timed out',
  10: 'the disk did not answer when it was selected',
  11: 'the command timed out',
  14: 'the bus was reset',
  15: 'data were damaged on the way (parity error)',
  16: 'the disk did not say what went wrong',
  17: 'the controller is not there any more',
  18: 'more or fewer data came than were asked for',
  19: 'the bus was let go too early',
  22: 'the request was taken back after another one had failed',
  32: 'the disk is not there (no such LUN)',
  33: 'the disk is not there (no such target)',
  36: 'the disk has no power',
  37: 'the link to the disk is down',
  38: 'the controller had no resources for the request',
  39: 'the request was held back',
  48: 'the driver of the controller had an error of its own',
};

const SENSE: Readonly<Record<number, string>> = {
  1: 'the disk corrected an error',
  2: 'the disk was not ready',
  3: 'the disk cannot read or write the block',
  4: 'the hardware of the disk failed',
  5: 'the disk does not take the command',
  6: 'the disk has changed its state',
  7: 'the disk is write-protected',
  11: 'the disk aborted the command',
};

const SCSI: Readonly<Record<number, string>> = {
  8: 'the disk was busy',
  24: 'another host has reserved the disk',
  40: 'the queue of the disk was full',
  64: 'another host aborted the command',
};

/** The most exact of what the data say; else what the event says by its number. */
export function meaningOf(kind: DiskEventKind, { scsiStatus, srbStatus, sense }: DiskData): string {
  if (sense?.key === 6 && sense.asc === 0x29) return 'the bus or the disk was reset';
  const bySense = sense === null ? undefined : SENSE[sense.key];
  const bySrb = srbStatus === null ? undefined : SRB[withoutFlags(srbStatus)];
  const byScsi = scsiStatus === null ? undefined : SCSI[scsiStatus];
  return bySense ?? bySrb ?? byScsi ?? KINDS[kind];
}
