/** Exit codes of `tracekit dump`, what its options leave, and where it reads and writes; what it prints is in dump-screens.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DUMP_VIEWS, type DumpResult, dumpColumns } from '../src/index.js';
import { tracekit } from './support/cli.js';
import { clean, refused } from './support/refusal.js';
import { validator } from './support/schema.js';
import { scratch } from './support/scratch.js';

const { folder, written } = scratch('dump-cli');

const resource = (
  address: string,
  owner: string,
  waiter: string,
): string => `Resource @ 0x${address}    Exclusively owned
    Contention Count = 3
    NumberOfExclusiveWaiters = 1
     Threads: ${owner}-01<*>
     Threads Waiting On Exclusive Access:
              ${waiter}
`;

const thread = (address: string, cid: string, image: string, ticks: number, time: string, frame: string): string =>
  `THREAD ${address}  Cid ${cid}  Teb: 7ffd9000 Win32Thread: 00000000 WAIT: (Executive) KernelMode Non-Alertable
    ${address.slice(0, 5)}fac  SynchronizationEvent
Not impersonating
DeviceMap                 e1a00e58
Owning Process            8a6f0020       Image:         ${image}
Wait Start TickCount      ${400_000 - ticks}         Ticks: ${ticks} (${time})
Context Switch Count      15
UserTime                  00:00:00.015
KernelTime                00:00:00.000
Start Address 0x77e617ec
Stack Init f4a1d000 Current f4a1cc18 Base f4a1d000 Limit f4a1a000 Call 0
Priority 8 BasePriority 8 PriorityDecrement 0
ChildEBP RetAddr
f4a1cc30 80828cf6 nt!KiSwapContext+0x26
f4a1cc3c 8082c17c nt!KiSwapThread+0x2e2
f4a1cc84 f7100123 nt!KeWaitForSingleObject+0x346
f4a1cca4 f7100456 ${frame}
`;

const logOf = (...outputs: string[]): string => outputs.map((output) => `kd> ${output}\n`).join('');
const SLEEPER = `!thread 8a444db0\n${thread('8a444db0', '07d0.07d4', 'db.exe', 38_400, '0:00:10:00.000', 'exfilter!ExTake+0x11')}`;
const WAITER = `!thread 8a555db0\n${thread('8a555db0', '0ad8.0b10', 'web.exe', 19_200, '0:00:05:00.000', 'exweb!Query+0x2a')}`;
const locks = (...resources: string[]): string =>
  `!locks\n**** DUMP OF ALL RESOURCE OBJECTS ****\nKD: Scanning for held locks...\n\n${resources.join('\nKD: Scanning for held locks.\n\n')}\n12 total locks, ${resources.length} locks currently held\n`;

const CHAIN = written('chain.log', logOf(locks(resource('8a111118', '8a444db0', '8a555db0')), SLEEPER, WAITER));
const DEADLOCK = written(
  'deadlock.log',
  logOf(
    locks(resource('8a111118', '8a444db0', '8a555db0'), resource('8a111178', '8a555db0', '8a444db0')),
    SLEEPER,
    WAITER,
  ),
);
const TRUNCATED = written(
  'truncated.log',
  `************************************************************\nWARNING: Dump file has been truncated.  Data may be missing.\n************************************************************\n${readFileSync(CHAIN, 'utf8')}`,
);
const NOTHING = written(
  'nothing.log',
  'kd> .echo hello\nhello\nkd> ? 1 + 1\nEvaluate expression: 2 = 00000002\nkd> q\n',
);

const POOL = written(
  'pool.log',
  `kd> !pool fffffa8004dc2090
Pool page fffffa8004dc2090 region is Nonpaged pool
*fffffa8004dc2000 size:  1a0 previous size:    0  (Allocated) *Thre
`,
);

/** The answer to these arguments. */
function result(...args: string[]): DumpResult {
  const { out, err, code } = tracekit(['dump', ...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  const document = JSON.parse(out);
  expect(validator('dump')(document)).toEqual([]);
  return document.result;
}

describe('the answer', () => {
  it('of a chain', () => {
    const { chains, deadlocks, order } = result(CHAIN);
    expect(deadlocks).toEqual([]);
    expect(chains.map(({ threads }) => threads)).toEqual([['0x8a555db0', '0x8a444db0']]);
    expect(order.map(({ thread: id, waitMs }) => [id, waitMs])).toEqual([
      ['0x8a444db0', 600_000],
      ['0x8a555db0', 300_000],
    ]);
  });

  it('of a deadlock', () => {
    const { deadlocks } = result(DEADLOCK);
    expect(deadlocks.map(({ threads }) => [...threads].sort())).toEqual([['0x8a444db0', '0x8a555db0']]);
    expect(tracekit(['dump', DEADLOCK]).out).toContain('\nDEADLOCK of 2 threads\n');
  });
});

describe('exit codes', () => {
  it.each<[number, string, string[]]>([
    [0, '', [CHAIN]],
    [0, '', [CHAIN, '--strict']],
    [0, '', [CHAIN, '--fail-over', '1h', '--fail-on-deadlock']],
    [0, '', [CHAIN, '--fail-over', '0:10:00.000']],
    [0, '', [TRUNCATED]],
    [0, 'no thread or process passes the filters given', [CHAIN, '--process', 'nobody.exe']],
    [0, 'no thread or process passes the filters given', [CHAIN, '--process', '0x8a6f0040']],
    [0, 'no thread or process passes the filters given', [CHAIN, '--thread', '8a666db0', '--process', 'nobody.exe']],
    [0, 'no thread passes the filters given', [CHAIN, '--thread', '0xdeadbeef']],
    [0, 'no thread passes the filters given', [CHAIN, '--tid', '1']],
    [0, 'no thread passes the filters given', [CHAIN, '--module', 'nobody*']],
    [0, 'no thread passes the filters given', [CHAIN, '--function', 'Nothing*']],
    [1, 'holds a wait of 600000 ms: over 599000 ms', [CHAIN, '--fail-over', '0:09:59']],
    [1, 'holds a wait of ', [CHAIN, '--fail-over', '1s']],
    [1, 'deadlock of 2 threads: ', [DEADLOCK, '--fail-on-deadlock']],
    [3, '--strict: truncated', [TRUNCATED, '--strict']],
    [3, '--strict: truncated', [TRUNCATED, '--strict', '--fail-over', '1s']],
    [3, 'missing.log', ['missing.log']],
    [3, 'missing.log', [CHAIN, 'missing.log']],
    [3, 'samples', ['samples']],
    [3, 'is of no known format', ['README.md']],
    [3, 'is empty', ['-']],
    [3, 'holds no debugger data. Formats that do: ', ['samples/latencymon/stutter.txt']],
    [4, 'nothing that dump uses in the input. What to type', [NOTHING]],
    [4, 'nothing that dump uses in the input. It holds outputs on pool: tracekit pool', [POOL]],
    [4, 'nothing that dump uses in the input', [NOTHING, '--strict', '--fail-over', '1s']],
  ])('%i: "%s" %j', (code, why, args) => {
    const ran = tracekit(['dump', ...args]);
    expect([ran.code, ran.err]).toEqual([code, why === '' ? '' : expect.stringContaining(why)]);
    expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
    clean(ran);
  });

  it('are the same with --quiet, which says nothing', () => {
    for (const [code, args] of [
      [1, [DEADLOCK, '--fail-on-deadlock']],
      [3, [TRUNCATED, '--strict']],
      [4, [NOTHING]],
    ] as const) {
      const ran = tracekit(['dump', ...args, '--quiet']);
      expect([ran.code, ran.err]).toEqual([code, '']);
    }
  });

  it.each<[string, string[]]>([
    ['no file', []],
    ['an unknown option', [CHAIN, '--processes', 'x']],
    ['an unknown column', [CHAIN, '--columns', 'thread,nosuch']],
    ['a column of another list', [CHAIN, '--locks', '--columns', 'frames']],
    ['an unknown list', [CHAIN, '--view', 'chains']],
    ['an unknown format', [CHAIN, '--format', 'svg']],
    ['a time that is none', [CHAIN, '--min-wait', 'long']],
    ['a limit that is none', [CHAIN, '--fail-over', '1:99:00']],
    ['a thread that is none', [CHAIN, '--thread', 'main']],
    ['a thread by a number that is no address', [CHAIN, '--thread', '12']],
    ['a process that is no number', [CHAIN, '--pid', 'all']],
    ['processes of several kinds', [CHAIN, '--process', 'db.exe;0x8a6f0020']],
    ['PIDs twice', [CHAIN, '--process', '4', '--pid', '4']],
    ['a length that is no number', [CHAIN, '--top', 'all']],
    ['a depth below zero', [CHAIN, '--depth', '-1']],
    ['an output over an input', [CHAIN, '--output', CHAIN]],
  ])('2: %s', (_, args) => {
    const before = readFileSync(CHAIN, 'utf8');
    const { code, out, err } = tracekit(['dump', ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(
      err
        .replace(/^\(.*\)\n/gm, '')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(1);
    expect(err).not.toContain('    at ');
    expect(readFileSync(CHAIN, 'utf8')).toBe(before);
  });
});

describe('filters', () => {
  const ids = (...args: string[]): string[] => result(CHAIN, ...args).threads.map(({ id }) => id);

  it.each<[string, string[]]>([
    ['an image', ['--process', 'WEB.exe']],
    ['wildcards', ['--process', 'w?b*;x*']],
    ['a PID', ['--process', '2776']],
    ['a PID in hex', ['--process', '0xad8']],
    ['an address of a process', ['--process', '0x8a6f0020']],
    ['several addresses', ['--process', '8a6f0020;0x8a6f0040']],
    ['--pid', ['--pid', '2776']],
    ['--tid', ['--tid', '2832']],
    ['an address', ['--thread', '0x8a555db0']],
    ['an address as the debugger prints it', ['--thread', '8A555DB0']],
    ['a module', ['--module', 'exweb']],
    ['a function', ['--function', 'Query']],
  ])('by %s keep the thread', (_, args) => {
    expect(ids(...args)).toContain('0x8a555db0');
  });

  it('by a wait keep those that wait as long', () => {
    expect(ids('--min-wait', '6min')).toContain('0x8a444db0');
  });

  it('by a thread print its whole stack', () => {
    const { out } = tracekit(['dump', CHAIN, '--thread', '8a555db0']);
    expect(out).toMatch(/\nThread 0x8a555db0 {2}Cid 0ad8\.0b10 .*\n(?:.*\n){1,8} {5}0 nt!KiSwapContext\+0x26\n/);
    expect(out).toMatch(/\n {2}> {2}3 exweb!Query\+0x2a\n/);
    expect(tracekit(['dump', CHAIN, '--thread', '8a555db0', '--depth', '1']).out).toContain(
      '(3 more frames; --depth 0',
    );
  });
});

describe('lists', () => {
  it('by switches are those of --view', () => {
    for (const [name, view] of [
      ['--chains', 'chain'],
      ['--threads', 'stack'],
      ['--locks', 'lock'],
      ['--order', 'order'],
    ]) {
      const { out } = tracekit(['dump', CHAIN, name]);
      expect(out.length).toBeGreaterThan(100);
      expect(out).toBe(tracekit(['dump', CHAIN, '--view', view]).out);
    }
    expect(tracekit(['dump', CHAIN, '--order', '--chains']).out).toBe(
      tracekit(['dump', CHAIN, '--view', 'chain,order']).out,
    );
  });

  it('are all known to CSV, with their columns', () => {
    for (const view of DUMP_VIEWS) {
      const { out, code } = tracekit(['dump', CHAIN, '--format', 'csv', '--view', view]);
      expect([code, out.split('\n')[0].split(',')]).toEqual([0, dumpColumns(view)]);
    }
  }, 60_000);

  it('have the columns asked for', () => {
    const args = ['dump', CHAIN, '--format', 'csv', '--view', 'order', '--columns', 'thread,waitMs'];
    expect(tracekit(args).out).toBe('thread,waitMs\n0x8a444db0,600000\n0x8a555db0,300000\n');
  });
});

describe('input and output', () => {
  it('- reads plain text, UTF-16 and gzip with the same answer', () => {
    const bytes = readFileSync(CHAIN);
    const expected = result(CHAIN).order;
    for (const input of [bytes, gzipSync(bytes), Buffer.from(`\ufeff${bytes}`, 'utf16le')]) {
      const { code, out } = tracekit(['dump', '-', '--json'], { input });
      expect(code).toBe(0);
      expect(JSON.parse(out).result.order).toEqual(expected);
    }
  });

  it.each(['table', 'json', 'ndjson', 'csv', 'md', 'dot', 'mermaid'])(
    '--output writes as %s what it would print',
    (format) => {
      const path = join(folder, `answer.${format}`);
      const args = ['dump', CHAIN, '--format', format];
      const ran = tracekit([...args, '--output', path]);
      expect([ran.code, ran.out, ran.err]).toEqual([0, '', '']);
      const text = readFileSync(path, 'utf8');
      expect(text.length).toBeGreaterThan(100);
      expect(text).toBe(tracekit(args).out);
    },
  );

  it('prints the answer whatever the exit code', () => {
    expect(tracekit(['dump', TRUNCATED, '--strict']).out).toBe(tracekit(['dump', TRUNCATED]).out);
    expect(tracekit(['dump', DEADLOCK, '--fail-on-deadlock']).out).toBe(tracekit(['dump', DEADLOCK]).out);
  });
});

describe('--script', () => {
  it('prints what to run in the debugger, and reads no file', () => {
    const kernel = tracekit(['dump', '--script', 'kernel']);
    const user = tracekit(['dump', '--script', 'user']);
    for (const ran of [kernel, user]) {
      clean(ran);
      expect([ran.code, ran.err]).toEqual([0, '']);
      expect(ran.out).toContain('.logopen');
    }
    expect(user.out).not.toBe(kernel.out);
    expect(tracekit(['dump', '--script']).out).toBe(kernel.out);
    expect(tracekit(['dump', '--script', '--quiet']).out).toBe(kernel.out);
  });

  it('writes to --output', () => {
    const path = join(folder, 'collect.txt');
    expect(tracekit(['dump', '--script', 'user', '--output', path]).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(tracekit(['dump', '--script', 'user']).out);
  });

  it('knows no other debugger', () => {
    const { code, out, err } = tracekit(['dump', '--script=hypervisor']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('kernel, user');
  });
});

describe('names from the log', () => {
  const names = [
    'ev\u001b[31mil.exe',
    'a\u202egnp.exe',
    '<b>.exe',
    '%%{init:{}}%%',
    '"];n0->n1;',
    '=cmd|x!A0',
    '`x`|y|',
    'a\\',
  ];
  const hostile = names.map((name, i) => {
    const address = `8a${(0x700 + i).toString(16)}db0`.padEnd(8, '0');
    return `!thread ${address}\n${thread(address, `0ad8.${(0xb10 + i * 4).toString(16).padStart(4, '0')}`, name, 100 + i, '0:00:00:01.562', `${name}!f+0x1`)}`;
  });
  const path = written(
    'hostile.log',
    logOf(
      locks(
        ...names.map((_, i) =>
          resource(
            `8a1111${(0x10 + i * 8).toString(16)}`,
            `8a${(0x700 + i).toString(16)}db0`,
            `8a${(0x700 + ((i + 1) % names.length)).toString(16)}db0`,
          ),
        ),
      ),
      ...hostile,
    ),
  );

  it.each(['table', 'json', 'ndjson', 'csv', 'md', 'dot', 'mermaid'])(
    '--format %s prints no control character',
    (format) => {
      for (const more of [
        [],
        ['--view', DUMP_VIEWS.join(','), '--top', '0', '--depth', '0'],
        ['--thread', '8a700db0'],
      ]) {
        const ran = tracekit(['dump', path, '--format', format, ...more]);
        expect([format, ran.code, ran.err]).toEqual([format, 0, '']);
        clean(ran);
        expect(ran.out.length).toBeGreaterThan(100);
      }
    },
  );
});

it('refuses what is no log in one line', () => {
  refused(tracekit(['dump', written('zeros.log', '\0'.repeat(9000))]), 3, /begins with zeros only/);
  refused(tracekit(['dump', folder]), 3, /: is a directory/);
});
