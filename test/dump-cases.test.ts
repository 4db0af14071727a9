import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DumpResult, Report } from '../src/index.js';
import { dumpOfFile } from './support/dump.js';
import { SHARED } from './support/shared.js';

/**
 * Published case studies (`kd/CASES.md` says what the expert concluded) and outputs of Microsoft's documentation. They are not part of
 * the project: skipped where they are not there.
 */
const CASES = join(SHARED, 'kd', 'cases');
const DOCS = join(SHARED, 'kd', 'docs');
const hasLogs = existsSync(CASES);
if (!hasLogs) console.warn(`skipped: no ${CASES}`);

const of = (name: string): Promise<Report<DumpResult>> => dumpOfFile(join(CASES, name));
const ofDocs = (name: string): Promise<Report<DumpResult>> => dumpOfFile(join(DOCS, name));

const edges = ({ result }: Report<DumpResult>): string[] =>
  result.waitEdges.map(({ from, to, kind, object, certain }) =>
    `${from} -> ${to} ${kind} ${object ?? ''}${certain ? '' : ' ?'}`.trim(),
  );
const patternsNamed = ({ result }: Report<DumpResult>, name: string) => result.patterns.filter((p) => p.name === name);
const messages = ({ findings }: Report<DumpResult>): string => findings.map(({ message }) => message).join('\n');
const thread = ({ result }: Report<DumpResult>, address: string) => result.threads.find((t) => t.id === address);

describe.skipIf(!hasLogs)('published cases', () => {
  it('01: a connection port with 14 connections, nobody waits', async () => {
    const report = await of('01-alpc-connection-port.log');
    const [port] = report.result.ports;
    expect(port).toMatchObject({
      address: '0xfffffa8004dc2090',
      name: 'ApiPort',
      type: 'ALPC_CONNECTION_PORT',
      owner: '0xfffffa800502db30',
      ownerImage: 'csrss.exe',
      sequenceNo: 969,
      queued: 0,
    });
    expect(port.connections).toHaveLength(14);
    expect(port.connections[0].image).toBe('winlogon.exe');
    expect(port.connections[13].image).toBe('kd.exe');
    expect(port.connections.every(({ queued }) => queued === 0)).toBe(true);
    expect(report.result.chains).toEqual([]);
    expect(messages(report)).toContain('the queues of all 14 connections are empty');
  });

  it('02: one chain of five threads over LPC and critical sections, its root waits for another machine', async () => {
    const report = await of('02-lpc-critsec-coupled-machines.log');
    const { result } = report;
    const [chain] = result.chains;
    expect(chain.threads).toEqual(['0x89d475a8', '0x89a80328', '0x89b452e8', '0x898aa600', '0x89cd9c10']);
    expect(chain.root).toMatchObject({
      node: '0x89cd9c10',
      why: 'remote',
      module: 'Mup',
      function: 'PktPostSystemWork',
      waitsFor: 'remote:\\\\SERVER_B',
    });
    expect(chain.longestWaitMs).toBe(((13 * 60 + 33) * 60 + 58) * 1000 + 703);
    expect(edges(report).filter((edge) => !edge.startsWith('unknown'))).toEqual([
      '0x89d475a8 -> 0x89a80328 lpc 0xacfd',
      '0x89a80328 -> 0x89b452e8 lpc 0xacfe',
      '0x89b452e8 -> 0x898aa600 critical-section 0x664a3fe0',
      '0x898aa600 -> 0x89cd9c10 critical-section 0x7c980600',
      '0x89cd9c10 -> remote:\\\\SERVER_B irp',
      '0x8a04cb30 -> remote:\\\\SERVER_B irp 0x89901348',
    ]);
    expect(result.deadlocks).toEqual([]);
    expect(result.system).toMatchObject({ nowTicks: 1845699 + 1284370, tickMs: 15.625 });
    expect(result.order.map(({ thread: id }) => id)).toEqual([
      '0x89cd9c10',
      '0x8a04cb30',
      '0x89a80328',
      '0x89b452e8',
      '0x89d475a8',
      '0x898aa600',
    ]);
    expect(result.order.at(-1)?.waitMs).toBeNull();
    expect(thread(report, '0x8a04cb30')?.waitStartTicks).toBe(4392);
    // Each section once, whatever was printed twice.
    expect(result.locks).toHaveLength(8);
    expect(result.chains.filter(({ threads }) => threads.length > 1)).toHaveLength(1);
    const [machines] = patternsNamed(report, 'Coupled Machines');
    expect(machines.certain).toBe(true);
    expect(machines.subjects).toEqual(['remote:\\\\SERVER_B', '0x89cd9c10', '0x8a04cb30']);
  });

  it('04: IRPs of one thread, and a dump that contradicts itself', async () => {
    const report = await of('04-irp-distribution-inconsistent-dump.log');
    const { result } = report;
    expect(
      result.irps.byDriver.map(({ driver, count, threads, withoutThread, requests }) => [
        driver,
        count,
        threads,
        withoutThread,
        requests,
      ]),
    ).toEqual([
      ['\\Driver\\Disk', 4, 1, 0, ['4,34']],
      ['\\Driver\\DriverA', 2, 0, 2, ['f,0']],
      ['\\FileSystem\\Npfs', 1, 1, 0, ['3,0']],
    ]);
    expect(result.irps.byThread[0]).toEqual({ thread: '0x8b56cb10', count: 4, drivers: ['\\Driver\\Disk'] });
    expect(patternsNamed(report, 'IRP Distribution Anomaly').map(({ subjects }) => subjects[0])).toEqual([
      '0x8b56cb10',
      '\\Driver\\DriverA',
    ]);
    expect(messages(report)).toContain('is attached to \\Driver\\DriverA 0x8b192030 below it');
    expect(result.quality.map(({ flag }) => flag)).toEqual(expect.arrayContaining(['inconsistent', 'live']));
    const [inconsistent] = patternsNamed(report, 'Inconsistent Dump');
    expect(inconsistent.statement).toContain('0x8b56cb10 and 0x8089d8c0 are all RUNNING on processor 0');
    expect(inconsistent.statement).toContain('(24437735, now is 24437545)');
    expect(result.system.nowTicks).toBe(24437545);
    expect(thread(report, '0x8b56cb10')).toMatchObject({ waitTicks: null, waitMs: null, beganAfterNow: true });
    // The idle thread of a processor has the longest time of all, and waits for nobody.
    expect(result.order.map(({ thread: id }) => id)).not.toContain('0xf7732090');
    const irp = result.irps.list.find(({ address }) => address === '0x8a3d3008');
    expect(irp).toMatchObject({ stacks: 11, current: 7, driver: '\\Driver\\Disk', device: '0x8b1b8030' });
    expect(irp?.locations).toHaveLength(11);
    expect(patternsNamed(report, 'Coincidental Symbolic Information')).toHaveLength(1);
    expect(messages(report)).toContain('No DPC is queued on any processor');
  });

  it('07: ServiceA blocked before ServiceB, the chain ends in a process that is ending', async () => {
    const report = await of('07-servicea-vs-serviceb-shutdown.log');
    const { result } = report;
    expect(edges(report)).toEqual(
      expect.arrayContaining([
        '0x89bfc4d8 -> process:0x89d6d8e8 lpc 0xfbbc86',
        '0x89e1f890 -> 0x89bfc4d8 critical-section 0x998ac80 ?',
      ]),
    );
    expect(result.chains).toHaveLength(1);
    expect(result.chains[0].threads).toEqual(['0x89e1f890', '0x89bfc4d8']);
    expect(result.chains[0].root).toMatchObject({ node: 'process:0x89d6d8e8', why: 'missing-thread' });
    expect(result.order.map(({ thread: id, waitMs }) => [id, waitMs])).toEqual([
      ['0x89ce9580', 11132968],
      ['0x89bfc4d8', 11119968],
      ['0x89e1f890', 152546],
      ['0x89d36b60', 5546],
    ]);
    expect(messages(report)).toContain(
      'ServiceA.exe blocked 13.0 s before ServiceB.exe (0x89ce9580 for 3:05:32.968, 0x89bfc4d8 for 3:05:19.968)',
    );
    expect(thread(report, '0x89d36b60')).toMatchObject({ waitTicks: 355, pid: 0x1454, tid: 0x14b0 });
    expect(patternsNamed(report, 'Missing Thread').some(({ subjects }) => subjects.includes('0x89ce9580'))).toBe(true);
  });

  it('08: more than 50 threads wait for one that sleeps', async () => {
    const report = await of('08-critsec-contention-periodic-error.log');
    const { result } = report;
    expect(result.locks).toHaveLength(1);
    expect(result.locks[0]).toMatchObject({
      address: '0x32be30',
      waiterCount: 52,
      contentionCount: 0xac352,
      ownerTid: 0x1c64,
      owners: ['0x86396db0'],
    });
    expect(result.chains).toHaveLength(1);
    expect(result.chains[0]).toMatchObject({ threads: ['0x86396db0'], waiters: 52 });
    expect(result.chains[0].root).toMatchObject({ why: 'sleep', module: 'ComponentA', function: 'DB_Driver_Command' });
    expect(result.chains[0].root.statement).toContain('6912 ms');
    expect(result.deadlocks).toEqual([]);
    expect(patternsNamed(report, 'High Contention (critical sections)')[0].certain).toBe(true);
  });

  it('13: a process factory, handles, an owner that starves, processors all taken', async () => {
    const report = await of('13-explorer-process-factory.log');
    const { result } = report;
    expect(result.memory).toMatchObject({ failedPoolAllocations: 185454, physicalKb: 4194012 });
    expect(result.memory?.sessions[0]).toMatchObject({
      sessionId: 1,
      pagedPoolKb: 16868,
      failedPoolAllocations: 371034,
    });
    expect(result.leakSuspects.map(({ process, count }) => [process, count])).toEqual([
      ['explorer.exe', 25407],
      ['csrss.exe', 11677],
    ]);
    expect(result.locks[0]).toMatchObject({
      kind: 'eresource',
      address: '0xbae016a0',
      symbol: 'DriverA',
      exclusiveWaiters: 3591,
      contentionCount: 277088870,
    });
    expect(result.chains[0]).toMatchObject({ threads: ['0x83b46db0'], waiters: 3591 });
    expect(result.chains[0].root.why).toBe('starved');
    expect(thread(report, '0x83b46db0')).toMatchObject({
      state: 'READY',
      processor: 1,
      process: 'explorer.exe',
      pid: 0x44c8,
      tid: 0xa11c,
    });
    const factories = patternsNamed(report, 'Process Factory');
    expect(factories.map(({ certain }) => certain)).toEqual([false, false]);
    // Six are listed, five of them children of explorer: "5000" stands in the article only.
    expect(factories[0].statement).toContain('explorer.exe has started 5 processes of application.exe');
    expect(factories[1].statement).toContain('wscript.exe C:\\Scripts\\script.vbs parameters');
    expect(patternsNamed(report, 'High Contention (processors)')[0].statement).toContain(
      'all 8 processors are taken; on 7 of them the idle thread is current',
    );
  });

  it('16: spiking threads, a truncated dump, a hooked function', async () => {
    const report = await of('16-spiking-thread-hooked.log');
    const { result } = report;
    expect(result.system.bugcheck?.code).toBe('0xe2');
    expect(patternsNamed(report, 'Spiking Thread').map(({ subjects }) => subjects[0])).toEqual([
      '0x8a2ed5d0',
      '0x8a0b2890',
    ]);
    expect(thread(report, '0x8a2ed5d0')).toMatchObject({ process: 'calc.exe', userMs: 64515 });
    expect(patternsNamed(report, 'Truncated Dump')[0].statement).toContain(
      'the page file (4177920 Kb) is smaller than physical memory (4192948 Kb)',
    );
    expect(patternsNamed(report, 'Hooked Functions (user space)')[0]).toMatchObject({
      certain: true,
      statement: 'USER32!CreateWindowExA jumps to HookA!CreateWindowExA',
    });
    expect(result.system.modules.find(({ name }) => name === 'AppA')).toMatchObject({
      fileVersion: '5.80.5.1764',
      timestampUtc: '2008-06-05T13:51:52.000Z',
    });
    // Upgrade the one, test without the other.
    expect(patternsNamed(report, 'Spiking Thread')[1].next[0]).toBe(
      'is there a newer AppA.exe? The dump has version 5.80.5.1764, the build of 2008-06-05',
    );
    expect(patternsNamed(report, 'Hooked Functions (user space)')[0].next[0]).toContain('test without HookA');
  });

  it('18: a single DPC, the routine of the driver below the clock interrupt', async () => {
    const { result } = await of('18-0x133-arg0-echo-timer.log');
    expect(result.watchdog).toMatchObject({ kind: 'single', ticks: 643, limitTicks: 642 });
    expect(result.watchdog?.culprit).toMatchObject({
      module: 'ECHO',
      function: 'EchoEvtTimerFunc',
      runsAs: 'timer DPC',
      certain: true,
    });
    expect(result.watchdog?.culprit?.stalls).toContain('120000 x 100 µs = 12.0 s');
    expect(result.watchdog?.others.filter(({ role }) => role === 'framework').map(({ module }) => module)).toEqual([
      'Wdf01000',
    ]);
    expect(result.watchdog?.others.filter(({ role }) => role === 'queued')).toHaveLength(5);
    expect(result.system.processors[0]).toMatchObject({
      cpu: 0,
      current: '0xfffff803099ce880',
      isIdle: true,
      next: '0xfffffa800261cb00',
    });
  });

  it('19: a tag that holds nearly all of its pool is told, and where to look on', async () => {
    const { findings } = await of('19-pool-leak-part4-two-tags.log');
    expect(findings.map(({ rule, level, confidence }) => [rule, level, confidence])).toEqual([
      ['pool-tag', 'note', 'low'],
    ]);
    expect(findings[0].message).toContain('Pool tag Lea2 holds 263168000 bytes in 257 allocations, 93.4 % of its pool');
    expect(findings[0].next[0]).toContain('tracekit pool');
  });

  it('22: control bytes say what is armed', async () => {
    const { result } = await of('22-irp-cl-control-byte.log');
    const [first, second] = result.irps.list;
    expect(
      first.locations.filter(({ driver }) => driver !== null).map(({ driver, control }) => [driver, control]),
    ).toEqual([
      ['\\Driver\\Disk', { byte: '0xe0', pending: false, error: false, invokeOn: ['success', 'error', 'cancel'] }],
      ['\\Driver\\partmgr', { byte: '0xe0', pending: false, error: false, invokeOn: ['success', 'error', 'cancel'] }],
      ['\\Driver\\volmgr', { byte: '0xe0', pending: false, error: false, invokeOn: ['success', 'error', 'cancel'] }],
      ['\\Driver\\volsnap', { byte: '0xe1', pending: true, error: false, invokeOn: ['success', 'error', 'cancel'] }],
    ]);
    expect(first.locations.find(({ current }) => current)).toMatchObject({ major: 'IRP_MJ_WRITE', minor: 0x34 });
    expect(second).toMatchObject({ address: '0xfffffa80920c2340', stacks: 3, current: 3, thread: null });
    expect(second.locations[2]).toMatchObject({
      completion: 'CLASSPNP!TransferPktComplete',
      control: { byte: '0xe1', pending: true },
    });
  });

  it('23: commit failed in the past, not at present; the page file cannot grow', async () => {
    const report = await of('23-vm-commit-failures.log');
    expect(report.result.memory).toMatchObject({
      failedCommits: 48440,
      committedPages: 5565215,
      commitLimitPages: 25162749,
    });
    expect(patternsNamed(report, 'Insufficient Memory (committed memory)')[0].statement).toBe(
      '48440 commit requests have failed since the system started; but not at present: 5565215 of 25162749 pages (22 %) are committed; the page file is at its maximum size and cannot grow',
    );
  });

  it('24: Plug and Play waits for packets of one miniport', async () => {
    const report = await of('24-tracknblowner-pending-nbls.log');
    const { result } = report;
    expect(result.nbls).toMatchObject({ tracking: true, pending: 1854, total: 3005 });
    expect(result.nbls?.holders).toHaveLength(1);
    expect(result.nbls?.holders[0]).toMatchObject({
      address: '0xfffffa80142d31a0',
      name: 'My Ethernet 1Gb 4-port Adapter',
      driver: expect.stringMatching(/^MyMiniPortDriver\s+v1\.0$/),
    });
    expect(result.nbls?.holders[0].states).toMatchObject({
      'Device PnP': 'QUERY_REMOVED',
      'Operational flags': 'DORMANT_PAUSED',
    });
    expect(result.locks.map(({ symbol, exclusive, owners }) => [symbol, exclusive, owners])).toEqual([
      ['nt!IopDeviceTreeLock', false, ['0xfffffa800cd8a040']],
      ['nt!PiEngineLock', true, ['0xfffffa800cd8a040']],
    ]);
    const [blocked] = patternsNamed(report, 'Blocked Thread (Plug and Play)');
    expect(blocked.statement).toContain('has waited 0:04:03.002 in tcpip!FlPnpEvent');
    expect(thread(report, '0xfffffa800cd8a040')).toMatchObject({ waitTicks: 15577, waitMs: 243002 });
  });

  it('26: the desktop heap is not used up', async () => {
    const report = await of('26-dskheap.log');
    expect(report.result.desktops.filter(({ name }) => name !== null)).toHaveLength(8);
    expect(messages(report)).toContain(
      'Desktop heap is not used up: of 8 desktops with 51392 KB the fullest uses 2 %; 2 heaps could not be read (0xfffffa8019c65c00, 0xfffffa801a53ea30); one run ended half-way',
    );
    expect(patternsNamed(report, 'Insufficient Memory (desktop heap)')).toEqual([]);
  });

  it('27: a legacy filter above a minifilter of higher altitude, by design', async () => {
    const report = await of('27-minifilter-load-order.log');
    const orders = patternsNamed(report, 'Filter Order');
    expect(orders).toHaveLength(1);
    expect(orders[0].subjects).toEqual(['EncryptionLegacy', 'AVMiniFilter']);
    expect(orders[0].statement).toContain('frame 0 was widened');
  });
});

describe.skipIf(!hasLogs)('outputs of the documentation', () => {
  it('two critical sections held in opposite order, in user mode', async () => {
    const report = await ofDocs('msdocs-usermode-critsec-abba-deadlock.log');
    expect(report.result.deadlocks).toHaveLength(1);
    expect(report.result.deadlocks[0]).toMatchObject({ threads: ['tid:163', 'tid:169'], victims: [], certain: true });
    expect(report.result.deadlocks[0].edges.map(({ object }) => object).sort()).toEqual(['0x24e750', '0x68629100']);
  });

  it('two executive resources, with victims outside the ring', async () => {
    const report = await ofDocs('w10-locks-abba-deadlock-dokan.log');
    const [deadlock] = report.result.deadlocks;
    expect([...deadlock.threads].sort()).toEqual(['0xffffaa05c93fc080', '0xffffaa05ca9df7c0']);
    expect([...deadlock.victims].sort()).toEqual(['0xffffaa05c93fe080', '0xffffaa05cabbe080']);
    expect(deadlock.certain).toBe(true);
  });

  it('a chain over critical sections whose owners are thread ids', async () => {
    const report = await ofDocs('msdocs-critsec-timeout-ntsd-locks.log');
    expect(report.result.chains[0].threads).toEqual(['tid:189', 'tid:136', 'tid:109']);
  });

  it('an RPC call over TCP, by its cells', async () => {
    const report = await ofDocs('msdocs-rpc-stuck-call.log');
    expect(edges(report)).toEqual(['thread:1 -> tid:420 rpc 19bb5061:0 ?']);
  });

  it('a resource of NT 4, whose owner waits for a file server', async () => {
    const { result } = await ofDocs('msdocs-resource-timeout-nt4-locks.log');
    const chain = result.chains.find(({ root }) => root.node === '0xffaf5410');
    expect(chain?.root).toMatchObject({ why: 'remote', module: 'nwrdr', function: 'ExchangeWithWait' });
    expect(chain?.longestWaitMs).toBe(2781250_000);
  });

  it('0x9F: the driver that has the power IRP', async () => {
    const report = await ofDocs('msdocs-0x9f.log');
    expect(report.result.irps.byDriver[0]).toMatchObject({ driver: '\\Driver\\HidUsb', count: 1, withoutThread: 1 });
  });

  it('0x133 with 1: no culprit from the stack, but what to save', async () => {
    const report = await ofDocs('msdocs-0x133.log');
    expect(report.result.watchdog).toMatchObject({ kind: 'cumulative', culprit: null, limitTicks: 0x1e00 });
    expect(report.findings[0].next[0]).toContain('!wmitrace.strdump');
  });

  it('a live session shows one moment after the other: that is no contradiction', async () => {
    const { result } = await ofDocs('msdocs-kernel-walkthrough-w10.log');
    expect(result.quality.map(({ flag }) => flag)).not.toContain('inconsistent');
    expect(result.system).toMatchObject({
      build: 9926,
      cpus: 4,
      architecture: 'x64',
      uptimeMs: 5518931,
      debugSessionUtc: '2015-02-20T18:15:17.807Z',
    });
  });
});
