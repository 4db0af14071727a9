/** A thread waits for a request that a storage driver never completes; the event log tells of the timeouts of its device. */
import { newThread, type ThreadDraft } from '../dump/draft.js';
import { newIrp } from '../dump/ends.js';
import { driverNode } from '../dump/truth.js';
import { joinQueue, waitForThread } from '../dump/waits.js';
import { event, spoken } from '../messages/disk.js';
import { resetDump, retriedDump } from '../messages/disk-data.js';
import type { ListedSource, Process } from '../messages/model.js';
import { type MessageLog, play } from '../messages/play.js';
import { makeScenario } from '../messages/scenario.js';
import { eventlogText } from '../messages/write-eventlog-text.js';
import { eventlogXml } from '../messages/write-eventlog-xml.js';
import { packedIfLarge } from './dpc-trace.js';
import { addCrowd } from './hung-crowd.js';
import { addProcess, draftOf, hungLog, hungTruth, type ThreadWish } from './hung-log.js';
import { areClocksKnown } from './message-trace.js';
import type { Story, StoryFile, Twist } from './model.js';
import { offsetMsOf, type Scene, sceneOf, startClockUs, truthOf, WINDOWS_X64 } from './scene.js';

const KIND = 'disk-timeout-block';
/** Warnings of drivers: severity 2, customer bit off, facility 4. */
const DRIVER = 0x8004;
const SYSTEM: Process = { name: 'System', pid: 4 };
const SERVICES: Process = { name: 'services.exe', pid: 916 };

interface Disk {
  /** Miniport, which is also the source of its events. */
  readonly module: string;
  readonly number: number;
  readonly port: number;
}

export function diskTimeout(twist: Twist, seed: number): Story {
  const scene = sceneOf(KIND, twist, seed, {
    windows: WINDOWS_X64,
    lengthMs: [1_500_000, 3_600_000],
    gapMs: [1_000, 240_000],
  });
  const { random, words } = scene;
  const disk: Disk = { module: words.driver('stor').module, number: random.whole(0, 3), port: random.whole(0, 2) };
  const other: Disk = { module: words.driver('raid').module, number: disk.number + 4, port: disk.port + 3 };
  const component = words.component();
  const draft = draftOf(scene, 4 * random.whole(80, 400));
  const service = addProcess(draft, component.service, draft.nextId());
  const root = newThread(draft, service);
  const driver = `\\Driver\\${disk.module}`;
  const irp = newIrp(draft, root, { driver, fileName: null, major: 14, minor: 0, shownBy: 'irp' });
  root.wait = { kind: 'io', irp };
  const wait = { kind: 'irp', object: irp.address, certain: true, source: 'irp' } as const;
  draft.edges.push({ from: root.address, to: driverNode(driver), ...wait });
  waitForThread(draft, newThread(draft, service), root, 'mutant');
  for (let i = random.whole(3, 9); i > 0; i--) joinQueue(draft, root.owns[0]);
  // The device fails before the request is made, and goes on doing so.
  const failsMs = Math.floor(scene.lengthMs * (0.1 + 0.2 * random.next()));
  const asksMs = failsMs + Math.floor(scene.lengthMs * (0.1 + 0.3 * random.next()));
  const waitMs = scene.sameBoot ? offsetMsOf(scene) - asksMs : Math.floor(scene.uptimeMs * 0.6);
  const wishes = new Map<ThreadDraft['address'], ThreadWish>();
  wishes.set(root.address, { waitMs, program: [`${component.module}!FlushToDisk`] });
  for (const { address } of draft.threads.slice(1)) wishes.set(address, { waitMs: Math.floor(waitMs * random.next()) });
  for (const [address, wish] of addCrowd(scene, draft)) wishes.set(address, wish);
  const periodMs = random.whole(30, 61) * 1000;
  const log = eventLog(scene, disk, other, failsMs, periodMs);
  const truth = hungTruth({ scene, draft, wishes });
  const isPlain = twist === 'none' || twist === 'live-dump' || twist === 'zone-without-date';
  return {
    kind: KIND,
    twist,
    seed,
    files: [eventFile(scene, log), hungLog(scene, truth)],
    truth: truthOf(scene, {
      cause: 'blocking',
      module: disk.module,
      process: service.image,
      thread: root.address,
      isProvable: isPlain && areClocksKnown(scene),
      innocent: [other.module],
      facts: { periodMs: isPlain || twist === 'other-boot' ? periodMs : null, threads: [root.address] },
    }),
  };
}

/** Resets every minute or so, each with requests that are tried again; of the other device a few at any time. */
function eventLog(scene: Scene, disk: Disk, other: Disk, failsMs: number, periodMs: number): MessageLog {
  const { random, twist, lengthMs, words } = scene;
  const lengthUs = lengthMs * 1000;
  const beats = Math.floor((lengthMs - failsMs) / periodMs);
  const resets = Array.from(
    { length: beats },
    (_, i) => (failsMs + i * periodMs) * 1000 + random.whole(-200_000, 200_000),
  );
  const anytime = (count: number): number[] =>
    Array.from({ length: count }, () => random.whole(0, lengthUs - 1)).sort((a, b) => a - b);
  const failing = twist === 'decisive-evidence-removed' ? null : twist === 'contradicted' ? other : disk;
  const services = { kind: 'listed', process: SERVICES, tids: [1004] } as const;
  const indexer = `${words.stem()} Indexer`;
  const sources: ListedSource[] = [
    ...(failing === null ? [] : deviceEvents(scene, failing, resets)),
    ...(failing === other ? [] : deviceEvents(scene, other, anytime(2))),
    {
      ...services,
      spoken: spoken('Service Control Manager', 7036, 4, `The ${indexer} service entered the running state.`),
      atUs: anytime(random.whole(18, 30)),
      event: event(16384, indexer),
    },
    {
      ...services,
      spoken: spoken('EventLog', 6013, 4, 'The system uptime is <num> seconds.'),
      atUs: [0],
      event: event(0x8000, null),
    },
  ];
  return play(
    makeScenario({
      name: `disk-${scene.seed}`,
      seed: scene.seed * 31 + 5,
      startClockUs: startClockUs(scene),
      zoneMinutes: scene.zoneMinutes,
      machine: words.machine(),
      cpus: scene.cpus,
      lengthUs,
      sources,
    }),
  );
}

function deviceEvents({ random }: Scene, { module, number, port }: Disk, resets: readonly number[]): ListedSource[] {
  const kernel = { kind: 'listed', process: SYSTEM, tids: [268, 312] } as const;
  const retried = resets.flatMap((atUs) =>
    Array.from({ length: random.whole(1, 2) }, () => atUs + random.whole(20_000, 1_800_000)),
  );
  const reset = spoken(module, 129, 3, `Reset to device, \\Device\\RaidPort${port}, was issued.`);
  const again = spoken(
    'disk',
    153,
    3,
    `The IO operation at logical block address <hex> for Disk ${number} (PDO name: \\Device\\0000003${number}) was retried.`,
  );
  return [
    { ...kernel, spoken: reset, atUs: resets, event: event(DRIVER, `\\Device\\RaidPort${port}`), dump: resetDump },
    {
      ...kernel,
      spoken: again,
      atUs: retried,
      event: event(DRIVER, `\\Device\\Harddisk${number}\\DR${number}`),
      dump: retriedDump,
    },
  ];
}

function eventFile({ twist, random }: Scene, log: MessageLog): StoryFile {
  // Older versions print local time.
  if (twist === 'zone-without-date')
    return packedIfLarge('trace', 'system.txt', eventlogText(log, { style: 'wevtutil' }));
  if (random.next() < 0.5) return packedIfLarge('trace', 'system.xml', eventlogXml(log));
  return packedIfLarge('trace', 'system.txt', eventlogText(log, { style: 'viewer', newestFirst: random.next() < 0.5 }));
}
