/** Pool is used up under a tag that two drivers share; the trace shows which of them does not free. */
import { streamOf } from '../dump/machine.js';
import type { PoolTruth } from '../pool/model.js';
import { poolDumper } from '../pool/write-dumper.js';
import { writePoolEtl } from '../pool/write-etl.js';
import { verifierLog } from '../pool/write-verifier.js';
import { poolWpa } from '../pool/write-wpa.js';
import { packedIfLarge, traceBootMs } from './dpc-trace.js';
import { headLines, logText, moduleDetails, moduleList, typed } from './kd-text.js';
import type { Story, StoryFile, Twist } from './model.js';
import { type PoolLog, poolfindLines, poolusedLines, type TagUse, unknownTag, vmLines } from './pool-log.js';
import { type PoolCast, type PoolScene, poolScene } from './pool-scenes.js';
import { filetimeOfMs, offsetMsOf, type Scene, sceneOf, textFile, truthOf, WINDOWS_X64 } from './scene.js';

const KIND = 'pool-leak';
const MB = 1024 * 1024;
/** The pool writers' log is of this build and zone. */
const ETL_BUILD = 22631;
const ETL_ZONE = 60;
const DEFAULT_BOOT = 133_893_211_901_234_560n;
const DEFAULT_MACHINE = WINDOWS_X64.filter(({ build }) => build === ETL_BUILD);

type Format = 'dumper' | 'etl' | 'wpa';

export function poolLeak(twist: Twist, seed: number): Story {
  const early = streamOf(seed, `${KIND} format`);
  const format = early.pick<Format>(['dumper', 'dumper', 'etl', 'etl', 'wpa']);
  const drawn = sceneOf(KIND, twist, seed, {
    windows: DEFAULT_MACHINE,
    lengthMs: [60_000, 180_000],
    gapMs: [0, 600_000],
    zoneMinutes: ETL_ZONE,
  });
  const { random } = drawn;
  const cast = castOf(drawn);
  const pool = poolScene(drawn, random, cast, {
    leaks: random.whole(70, 120),
    isSteady: twist === 'contradicted',
    hasStacks: twist !== 'decisive-evidence-removed',
  });
  // The slope explains so much of what the dump holds.
  const share = 0.6 + 0.5 * random.next();
  const { cpus } = pool.truth;
  const uptimeMs = drawn.sameBoot ? uptimeFor(drawn, pool.bytesPerSecond, share) : drawn.uptimeMs;
  const scene = { ...drawn, cpus, uptimeMs };
  const bytes = drawn.sameBoot
    ? Math.round((pool.bytesPerSecond * scene.uptimeMs) / 1000 / share / cast.bytes) * cast.bytes
    : random.whole(100, 900) * Math.round(MB / cast.bytes) * cast.bytes;
  const isContradicted = twist === 'contradicted';
  return {
    kind: KIND,
    twist,
    seed,
    files: [traceOf(scene, pool.truth, format), dumpOf(scene, cast, pool, bytes)],
    truth: truthOf(scene, {
      cause: 'pool-leak',
      module: isContradicted ? null : cast.leaker.module,
      function: isContradicted ? null : pool.fn,
      process: isContradicted ? null : pool.process.name,
      tag: cast.tag,
      isProvable: twist === 'none',
      innocent: [cast.sharer.module, cast.other.module, cast.otherTag, ...(isContradicted ? [cast.leaker.module] : [])],
      facts: {
        bytes,
        bytesPerSecond: isContradicted ? 0 : pool.bytesPerSecond,
        blocks: isContradicted || !scene.sameBoot ? 0 : pool.left.length,
      },
    }),
  };
}

function castOf({ random, words }: Scene): PoolCast {
  const [leaker, sharer, other] = [words.driver(), words.driver(), words.driver()];
  const tagOf = (name: string, end: string): string => `${name[0].toUpperCase()}${name[1]}${end}`;
  return {
    leaker,
    sharer,
    other,
    tag: tagOf(leaker.module, random.pick(['Rx', 'Bf', 'Ct', 'Qu', 'Se'])),
    otherTag: tagOf(other.module, random.pick(['Ev', 'Tm', 'Io', 'Ob'])),
    poolType: random.pick([512, 512, 1] as const),
    bytes: random.pick([1024, 2048, 4096, 8192, 12_288, 16_384]),
  };
}

/** So long that the tag has come to some hundred MB, and no shorter than the trace. */
function uptimeFor(scene: Scene, bytesPerSecond: number, share: number): number {
  const target = scene.random.whole(90, 1200) * MB;
  const ms = Math.round((target * share * 1000) / bytesPerSecond);
  return Math.max(ms, offsetMsOf(scene) + 600_000);
}

function traceOf(scene: Scene, truth: PoolTruth, format: Format): StoryFile {
  if (format === 'wpa') return packedIfLarge('trace', 'trace.csv', poolWpa(truth));
  if (format === 'dumper') return packedIfLarge('trace', 'trace.txt', poolDumper(truth));
  const bytes = writePoolEtl(truth, { bufferBytes: 16_384 });
  return packedIfLarge('trace', 'trace.etl', withBoot(bytes, filetimeOfMs(traceBootMs(scene))));
}

/** The pool writer's header has a boot of its own: here it is the machine's. */
function withBoot(bytes: Buffer, bootFiletime: bigint): Buffer {
  const known = Buffer.alloc(8);
  known.writeBigUInt64LE(DEFAULT_BOOT);
  const at = bytes.indexOf(known);
  if (at < 0) throw new Error('the header has no time of boot');
  bytes.writeBigUInt64LE(bootFiletime, at);
  return bytes;
}

function dumpOf(scene: Scene, cast: PoolCast, pool: PoolScene, bytes: number): StoryFile {
  const { random, twist, sameBoot } = scene;
  const isPaged = cast.poolType === 1;
  const log = logOf(scene, cast, bytes);
  const slide = sameBoot ? 0n : 0x7700000n + BigInt(random.whole(1, 0xfff)) * 0x10000n;
  const modules = pool.truth.modules
    .filter(({ kernel }) => kernel)
    .map(({ name, base, size }) => ({ file: name, base: base + slide, size }));
  const leaker = modules.find(({ file }) => file === cast.leaker.file);
  const hidesBlocks = twist === 'decisive-evidence-removed';
  const withVerifier = !hidesBlocks && twist === 'none' && random.next() < 0.35;
  const text = logText(
    headLines(scene, modules.find(({ file }) => file === 'ntoskrnl.exe')?.base),
    vmLines(scene, log),
    poolusedLines(log),
    hidesBlocks ? [] : poolfindLines(scene, cast.tag, isPaged, blocksOf(scene, cast, pool, slide)),
    withVerifier ? verifierLines(pool, cast) : [],
    moduleList(scene, 0, modules),
    leaker === undefined || hidesBlocks ? [] : moduleDetails(scene, 0, leaker),
    [typed(0, '.logclose')],
  );
  return textFile('dump', 'dump.log', text);
}

/** Without its own clock: the head of the log has told the time. */
const verifierLines = ({ truth }: PoolScene, { leaker }: PoolCast): string[] =>
  verifierLog(truth, { driver: leaker.file, layout: 'new' }).split('\r\n').slice(3, -1);

function logOf({ random }: Scene, { tag, otherTag, bytes: each, poolType }: PoolCast, bytes: number): PoolLog {
  const other = (name: string, comment: string): TagUse => {
    const count = random.whole(200, 9_000);
    return { tag: name, count, bytes: count * 16 * random.whole(4, 90), comment };
  };
  const rest = [
    other(otherTag, unknownTag(otherTag)),
    ...(poolType === 1
      ? [
          other('CM31', 'Internal Configuration manager allocations , Binary: nt!cm'),
          other('MmSt', 'Mm section object prototype ptes , Binary: nt!mm'),
        ]
      : [other('Thre', 'Thread objects , Binary: nt!ps'), other('EtwB', 'Etw Buffer , Binary: nt!etw')]),
    other(poolType === 1 ? 'Ntff' : 'File', poolType === 1 ? 'FCB_DATA , Binary: ntfs.sys' : 'File objects '),
  ].sort((a, b) => b.bytes - a.bytes);
  const tags = [{ tag, count: Math.round(bytes / each), bytes, comment: unknownTag(tag) }, ...rest];
  const used = tags.reduce((sum, one) => sum + one.bytes, 0);
  return {
    isPaged: poolType === 1,
    tags,
    maximumBytes: Math.round(used * (1.02 + 0.08 * random.next())),
    failed: random.next() < 0.6 ? random.whole(12, 90_000) : 0,
  };
}

/** Some older ones, then those that the trace has seen; what it saw freed, where the story is contradicted. */
function blocksOf({ random, twist }: Scene, { tag, bytes }: PoolCast, { truth, left }: PoolScene, slide: bigint) {
  const seen =
    twist === 'contradicted'
      ? truth.events.filter((event) => event.op === 'free' && event.tag === tag && event.bytes === bytes)
      : left;
  const shown = seen.slice(0, 60).map((event) => ({ ...event, address: event.address + slide * 0x10n }));
  const older = Array.from({ length: random.whole(8, 30) }, (_, i) => ({
    ...truth.events[0],
    tag,
    bytes,
    address: (shown[0]?.address ?? 0xffffb18c40000000n) - BigInt(0x4000 * (i + 3)),
  }));
  return [...older.reverse(), ...shown];
}
