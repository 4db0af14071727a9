import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { dumpFact } from '../src/tables/dump-system.js';
import { dumpThread } from '../src/tables/dump-thread.js';
import { addsUp } from './support/damage.js';
import { dumpOf } from './support/dump.js';
import {
  block,
  chains,
  deadlocks,
  edges,
  entersFromKernel,
  KERNEL_WAIT,
  resource,
  userThread,
} from './support/dump-log.js';
import { parseWith } from './support/parse.js';

const facts = async (text: string): Promise<unknown[]> =>
  (await parseWith(kd, { bytes: text }))
    .rows(dumpFact)
    .filter(({ subject }) => /^(?:handle|thread) /.test(subject ?? ''))
    .map(({ subject, name, value }) => [subject, name, value]);

const OF_THREAD = `Handle 48
  Type         \tThread
  Attributes   \t0
  GrantedAccess\t0x1f03ff:
         Delete,ReadControl,WriteDac,WriteOwner,Synch
         Terminate,Suspend,Alert,GetContext,SetContext,SetInfo,QueryInfo,SetToken,Impersonate,DirectImpersonate
  HandleCount  \t3
  PointerCount \t5
  Name         \t<none>
  Object Specific Information
    Thread Id   a74.111
    Priority    10
    Base Priority 0
    Start Address 401000 app!WorkerMain
`;
const ofMutant = (number: string, isOwned: boolean, owner: string): string => `Handle ${number}
  Type         \tMutant
  Attributes   \t0
  GrantedAccess\t0x1f0001:
         Delete,ReadControl,WriteDac,WriteOwner,Synch
         QueryState
  HandleCount  \t2
  PointerCount \t65538
  Name         \t\\Sessions\\1\\BaseNamedObjects\\Sample
  Object specific information
    Mutex is ${isOwned ? 'Owned' : 'Free'}
    Mutant Owner ${owner}
`;
const OF_EVENT = `Handle 50
  Type         \tEvent
  Name         \t<none>
  Object Specific Information
    Event Type Auto Reset
    Event is Waiting
`;
const KERNEL = `kd> !handle 48 3 89cf4870
PROCESS 89cf4870  SessionId: 0  Cid: 0fa4    Peb: 7ffde000  ParentCid: 0228
    DirBase: 3c9e6000  ObjectTable: e1627410  HandleCount:  81.
    Image: a.exe

Handle table at e1627410 with 81 entries in use

0048: Object: 89d00420  GrantedAccess: 001f03ff Entry: e1001090
Object: 89d00420  Type: (8a8bd5c8) Thread
    ObjectHeader: 89d00408 (new version)
        HandleCount: 1  PointerCount: 3
004c: Object: 8a333330  GrantedAccess: 001f0001 Entry: e1001098
Object: 8a333330  Type: (8a8bd700) Mutant
    ObjectHeader: 8a333318 (new version)
        HandleCount: 1  PointerCount: 2
0050: Object: 8a444440  GrantedAccess: 001f0003 Entry: e10010a0
Object: 8a444440  Type: (8a8bd900) Event

`;

describe('!handle', () => {
  it('of user mode: what handles of threads and mutants stand for', async () => {
    const expected = [
      ['handle 0x48 of current', 'type', 'Thread'],
      ['handle 0x48 of current', 'thread', 'a74.111'],
      ['handle 0xb0 of current', 'type', 'Mutant'],
      ['handle 0xb0 of current', 'name', '\\Sessions\\1\\BaseNamedObjects\\Sample'],
      ['handle 0xb0 of current', 'owner', '2dd8.23a0'],
    ];
    const list = `${OF_THREAD}${OF_EVENT}${ofMutant('00000000000000b0', true, '2dd8.23a0')}3 Handles\nType           \tCount\nThread         \t1\n`;
    expect(await facts(`0:000> !handle 0 f\n${list}`)).toEqual(expected);
    // Lost prompts and lost indentation.
    expect(await facts(list)).toEqual(expected);
    expect(await facts(`0:000> !handle 0 f\n${list.replace(/^[ \t]+/gm, '')}`)).toEqual(expected);
    const { diagnostics } = await parseWith(kd, { bytes: `0:000> !handle 0 f\n${list}` });
    expect(diagnostics.map(({ code }) => code)).not.toContain('unread-commands');
  });

  it('of kernel mode: the object of a handle of the process printed in front', async () => {
    expect(await facts(KERNEL)).toEqual([
      ['handle 0x48 of 0x89cf4870', 'type', 'Thread'],
      ['handle 0x48 of 0x89cf4870', 'object', '0x89d00420'],
      ['handle 0x4c of 0x89cf4870', 'type', 'Mutant'],
      ['handle 0x4c of 0x89cf4870', 'object', '0x8a333330'],
    ]);
  });

  it('words of hex letters behind Handle are no handle', async () => {
    expect(await facts('Handle added\n  Type         Thread\n    Thread Id   a74.111\n')).toEqual([]);
  });

  it('damage: adds up, never throws', async () => {
    const lines =
      `0:000> !handle 0 f\n${OF_THREAD}${ofMutant('4c', true, 'a74.100')}${OF_EVENT}${KERNEL}89d00420 is not a thread object, interpreting as stack value...\n`.split(
        '\n',
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...lines), fc.nat(80), fc.boolean()), { maxLength: 40 }),
        async (picked) => {
          const text = picked.map(([line, at, isCut]) => (isCut ? line.slice(0, at) : line)).join('\n');
          expect(addsUp(await parseWith(kd, { bytes: text }))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const waits = (handle: string, caller: string): string[] => [
  'ntdll!KiFastSystemCallRet 0',
  `ntdll!ZwWaitForSingleObject+0xc ${handle}`,
  `kernel32!WaitForSingleObjectEx+0xa8 ${handle} ffffffff`,
  `kernel32!WaitForSingleObject+0x12 ${handle} ffffffff`,
  caller,
];
const waits64 = (handle: string, caller: string): string[] => [
  'ntdll!NtWaitForSingleObject+0x14',
  `KERNELBASE!WaitForSingleObjectEx+0x8e ${handle}`,
  caller,
];

describe('waits for a handle', () => {
  it('x86: one waits for a thread, which waits for a mutant of the first: a certain deadlock', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', waits('48', 'app!Main+0x37'))}
${userThread(1, 'a74.111', waits('4c', 'app!Worker+0x37'))}
0:000> !handle 48 f
${OF_THREAD}0:000> !handle 4c f
${ofMutant('4c', true, 'a74.100')}`);
    expect(edges(report)).toEqual(['tid:256 -> tid:273 thread 0x48', 'tid:273 -> tid:256 mutant 0x4c']);
    expect(deadlocks(report)).toEqual([['tid:256', 'tid:273']]);
    expect(report.result.deadlocks[0].certain).toBe(true);
    expect(report.result.waitEdges[1].statement).toBe(
      'waits for the mutant of handle 0x4c (\\Sessions\\1\\BaseNamedObjects\\Sample), which tid:256 owns',
    );
    expect(report.result.waitEdges[1].evidence.map(({ quote }) => quote).join('\n')).toContain('Mutant Owner a74.100');
  });

  it('x64: the argument is what the stack happens to hold: inferred', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', waits64('48', 'app!Main+0x37'), true)}
${userThread(1, 'a74.111', waits64('7ff612345678', 'app!Worker+0x37'), true)}
0:000> !handle 0 f
${OF_THREAD}${ofMutant('4c', true, 'a74.100')}`);
    expect(edges(report)).toEqual(['tid:256 -> tid:273 thread 0x48 ?']);
  });

  it('a mutant of an owner in another process', async () => {
    const report = await dumpOf(
      `0:000> ~*kv\n${userThread(0, 'a74.100', waits('4c', 'app!Main+0x37'))}\n0:000> !handle 4c f\n${ofMutant('4c', true, '11ac.1628')}`,
    );
    expect(chains(report)).toEqual(['tid:256 > tid:5672: missing-thread']);
    expect(report.result.threads.find(({ id }) => id === 'tid:5672')).toMatchObject({ pid: 0x11ac, tid: 0x1628 });
  });

  it.each([
    ['a free mutant', ofMutant('48', false, '0.0')],
    ['a mutant of its own', ofMutant('48', true, 'a74.100')],
    ['an event', OF_EVENT.replace('Handle 50', 'Handle 48')],
    ['another handle', ofMutant('4c', true, 'a74.111')],
    [
      'a handle that was an event when it was shown last',
      `${OF_THREAD}0:000> !handle 48 f\n${ofMutant('48', false, '0.0')}`,
    ],
  ])('none by %s', async (_, handle) => {
    const report = await dumpOf(
      `0:000> ~*kv\n${userThread(0, 'a74.100', waits('48', 'app!Main+0x37'))}\n${userThread(1, 'a74.111', waits('58', 'app!Worker+0x37'))}\n0:000> !handle 48 f\n${handle}`,
    );
    expect(edges(report)).toEqual([]);
  });

  it('none where the wait for the handle is that for a critical section, or was called before a callback', async () => {
    const enters = entersFromKernel('0032be30').slice(5);
    const callback = ['app!Callback+0x10', ...waits('48', 'app!Main+0x37').slice(2)];
    for (const frames of [enters, ['ntdll!KiFastSystemCallRet', 'ntdll!ZwWaitForSingleObject+0xc 58', ...callback]]) {
      const report = await dumpOf(
        `0:000> ~*kv\n${userThread(0, 'a74.100', frames)}\n0:000> !handle 48 f\n${OF_THREAD}`,
      );
      expect(edges(report).filter((edge) => edge.includes(' thread '))).toEqual([]);
    }
  });

  it('kernel mode: by the object of the handle in the thread’s own process', async () => {
    const frames = [...KERNEL_WAIT, 'a!Main+0x37'];
    const waiter = block({ address: '89d475a8', cid: '0fa4.0f48', process: '89cf4870', image: 'a.exe', frames });
    const stranger = block({ address: '89a80328', cid: '03c8.0644', process: '899a0020', image: 'b.exe', frames });
    const report = await dumpOf(`kd> !process 0 17\n${waiter}${stranger}${KERNEL}`);
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89d00420 thread 0x89d00420']);
  });
});

describe('no thread object', () => {
  const list = `kd> !locks\n${resource('8a0e7620', ['89d00420'], ['89b99998'])}`;

  it('an owner that was freed: said so, and not asked for again', async () => {
    const text = `${list}kd> !thread 89d00420\n89d00420 is not a thread object, interpreting as stack value...\n`;
    expect(await facts(text)).toEqual([['thread 0x89d00420', 'isThread', 'no']]);
    const report = await dumpOf(text);
    const [chain] = report.result.chains;
    expect(chain.root).toMatchObject({
      node: '0x89d00420',
      why: 'missing-thread',
      statement: expect.stringContaining('there is no thread object'),
    });
    const finding = report.findings.find(({ rule }) => rule === 'wait-chain');
    expect(finding?.next.join()).not.toContain('!thread');
    expect(finding?.evidence.map(({ quote }) => quote).join('\n')).toContain('is not a thread object');
  });

  it('without it the thread is asked for', async () => {
    const report = await dumpOf(list);
    expect(report.findings.find(({ rule }) => rule === 'wait-chain')?.next).toEqual(['!thread 89d00420 1f']);
  });

  it('the older words, 64 bit, and the block of the thread that uses the address as its stack', async () => {
    const text = `0: kd> !thread fffffa80\`0cd8a040
fffffa800cd8a040 is not a thread object, interpreting as stack value...
TYPE mismatch for thread object at fffffa800cd8a040
${block({ address: 'fffffa8003c9e040', cid: '0f00.0f04', process: 'fffffa8004000060', image: 'x.exe' })}`;
    const parsed = await parseWith(kd, { bytes: text });
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.rows(dumpThread).map(({ address, tid }) => [address, tid])).toEqual([[0xfffffa8003c9e040n, 0xf04]]);
    expect(await facts(text)).toEqual([
      ['thread 0xfffffa800cd8a040', 'isThread', 'no'],
      ['thread 0xfffffa800cd8a040', 'isThread', 'no'],
    ]);
  });

  it('one that another output shows is a thread all the same', async () => {
    const shown = block({
      address: '89d00420',
      cid: '0fa4.0f50',
      process: '89cf4870',
      image: 'a.exe',
      frames: [...KERNEL_WAIT, 'a!Owner+0x37'],
    });
    const report = await dumpOf(
      `${list}kd> !process 0 17\n${shown}89d00420 is not a thread object, interpreting as stack value...\n`,
    );
    expect(report.result.chains[0].root.why).toBe('unknown');
  });
});
