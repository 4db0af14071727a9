/** Disk timeouts and errors of the event log (51, 129, 153, …) against a root that waits for a request to a device. */
import type { DiskErrors } from '../../../src/analyses/errors/result.js';
import { durationText } from '../../../src/core/duration-text.js';
import { type Case, canJoinWithin, messageUs, waitBeganUs } from '../../case.js';
import { moduleKey } from '../../names.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import { componentModules, type Root } from './roots.js';

const STORAGE = new Set(
  'disk classpnp storport scsiport ataport atapi storahci stornvme iastor iastorac iastorv iastora iastorvd partmgr volmgr volmgrx volsnap fvevol ntfs refs fltmgr mpio msdsm msiscsi iaahci nvme spaceport vhdmp cdrom rdyboost'.split(
    ' ',
  ),
);
const STORAGE_DRIVER = /^driver:\\(?:Driver|FileSystem)\\(.{1,80})$/i;

/** True where the root waits for storage, as its stack or the driver of its IRP shows. */
function waitsForStorage(root: Root): boolean {
  const driver = STORAGE_DRIVER.exec(root.waitsFor ?? '')?.[1] ?? null;
  if (driver !== null && STORAGE.has(moduleKey(driver))) return true;
  return [...componentModules(root)].some((key) => STORAGE.has(key));
}

export interface DiskMatch {
  readonly disk: DiskErrors;
  /** The driver of the IRP is the one that reports. */
  readonly isDriver: boolean;
}

export function diskMatches(root: Root, { errors }: Case): DiskMatch[] {
  if (errors === null) return [];
  const driver = STORAGE_DRIVER.exec(root.waitsFor ?? '')?.[1] ?? null;
  const modules = componentModules(root);
  const isStorage = waitsForStorage(root);
  return errors.disks
    .map((disk) => {
      const key = disk.provider === null ? null : moduleKey(disk.provider);
      return { disk, isDriver: key !== null && ((driver !== null && moduleKey(driver) === key) || modules.has(key)) };
    })
    .filter(({ isDriver }) => isDriver || isStorage)
    .sort((a, b) => Number(b.isDriver) - Number(a.isDriver) || b.disk.count - a.disk.count)
    .slice(0, 3);
}

export function diskPoints({ disk, isDriver }: DiskMatch, root: Root, all: Case): Point[] {
  const { provider, eventId, count, evidence, meaning, firstUs, lastUs } = disk;
  const found: Point[] = [
    point(
      isDriver ? 'its-driver-reports' : 'storage-reports',
      isDriver ? 30 : 18,
      'both',
      `${provider ?? 'the disk'} logged event ${eventId} ${count} times${meaning === null ? '' : ` (${meaning})`}; the thread waits for ${isDriver ? 'that driver' : 'storage'}`,
      [...evidence, ...root.evidence],
    ),
  ];
  const began = waitBeganUs(all, root.waitMs ?? root.longestWaitMs);
  const [first, last] = [messageUs(all, evidence, firstUs), messageUs(all, evidence, lastUs)];
  const within = 120e6;
  if (began === null || first === null || last === null || all.boot.isSame === false || !canJoinWithin(all, within))
    return found;
  if (last < began - within) {
    found.push(
      point(
        'ended-before-the-wait',
        -15,
        'both',
        `the last of them is ${durationText((began - last) / 1000)} older than the wait`,
        evidence,
      ),
    );
  } else if (first <= began + within) {
    found.push(
      point(
        'at-the-time-of-the-wait',
        18,
        'both',
        `they came from ${durationText(Math.abs(began - first) / 1000)} ${first <= began ? 'before' : 'after'} the wait began`,
        evidence,
      ),
    );
  } else {
    found.push(
      point(
        'during-the-wait',
        10,
        'both',
        `they came during the wait, the first ${durationText((first - began) / 1000)} after it began`,
        evidence,
      ),
    );
  }
  return found;
}
