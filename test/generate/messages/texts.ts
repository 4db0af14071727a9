/** Texts of made-up drivers and services. No two share a beginning, so that none is a variant of another. */
import type { Level, Severity, Spoken } from './model.js';

type Row = readonly [level: Level, severity: Severity | null, provider: string, fn: string, text: string];

const ERROR = 'error' as const;
const WARNING = 'warning' as const;

function spoken([level, severity, provider, fn, text]: Row, i: number): Spoken {
  const file = `${provider.split('.')[0].toLowerCase()}.cpp`;
  return { text, provider, file, line: 40 + 17 * i, function: fn, level, severity };
}

/** Ordinary talk, and a few traps: words of errors that are none. */
export const NOISE: readonly Spoken[] = (
  [
    [4, null, 'Cache', 'Flush', 'Cache page <num> flushed to <path>'],
    [4, null, 'Session', 'Logon', 'User <user> logged on from <ip>'],
    [5, null, 'Heap', 'Commit', 'Committed <num> bytes at <addr>'],
    [4, null, 'Config', 'Load', 'Loading configuration from <path> took <duration>'],
    [5, null, 'Registry', 'Query', 'Query value <quoted> type <num>'],
    [4, null, 'Index', 'Merge', 'Merged <num> segments into <num>'],
    [4, null, 'Check', 'Verify', 'Verification completed with 0 errors'],
    [5, null, 'Timer', 'Arm', 'Timer <addr> armed, due in <duration>'],
    [4, null, 'Net', 'Connect', 'Connected to <ip> port <num>'],
    [4, null, 'Net', 'Close', 'Closing socket <hex>'],
    [5, null, 'Queue', 'Push', 'Pushed work item <num> on queue <quoted>'],
    [3, WARNING, 'Disk', 'Space', 'Warning: volume <quoted> has only <num> MB left'],
    [4, null, 'Print', 'Spool', 'Spooled document <quoted> for <user>'],
    [2, ERROR, 'Auth', 'Token', 'Failed to open token of process <num>, status 0xC0000022'],
    [4, null, 'Plug', 'Arrive', 'Device {<guid>} arrived'],
    [5, null, 'Lock', 'Acquire', 'Lock <addr> acquired by owner <num>'],
    [4, null, 'Update', 'Scan', 'Scanning package <guid>'],
    [5, null, 'Paint', 'Draw', 'Painted region <num> <num> <num> <num>'],
    [4, null, 'Mail', 'Poll', 'No new mail for <user>'],
    [4, null, 'Backup', 'Copy', 'Copied <path> to <path>'],
    [3, WARNING, 'Rpc', 'Call', 'Slow call to interface <guid>: <duration>'],
    [5, null, 'Pool', 'Reuse', 'Reusing connection <hex> idle for <duration>'],
    [4, null, 'Power', 'State', 'Power state changes from D<num> to D<num>'],
    [5, null, 'Irql', 'Raise', 'irql raised, context <addr>'],
    [4, null, 'Job', 'Assign', 'Assigned job <num> to worker <num>'],
    [4, null, 'Error', 'Reset', 'Error counter reset'],
    [5, null, 'Hash', 'Compute', 'hash of <path> is <barehex>'],
    [4, null, 'Audio', 'Stream', 'Stream <num> uses format <num> Hz'],
    [2, ERROR, 'Sql', 'Prepare', 'Cannot prepare statement <quoted>: syntax error'],
    [4, null, 'Theme', 'Apply', 'Applying theme <quoted>'],
    [5, null, 'Gc', 'Sweep', 'Sweep of generation <num> freed <num> objects'],
    [4, null, 'Dns', 'Resolve', 'Resolved name <quoted> as <ip>'],
    [4, null, 'Proxy', 'Choose', 'Using proxy <ip>'],
    [5, null, 'Io', 'Complete', 'Completion key <hex> bytes <num>'],
    [4, null, 'Task', 'Idle', 'Nothing to do'],
    [3, WARNING, 'Thread', 'Starve', 'Worker threads are exhausted: <num> requests wait'],
    [4, null, 'License', 'Check', 'License <guid> is valid until day <num>'],
    [5, null, 'Parse', 'Token', 'Parsed <num> tokens of <quoted>'],
    [4, null, 'Clip', 'Copy', 'Clipboard owner is now <hex>'],
    [4, null, 'Quota', 'Read', 'Quota of <user> stands at <num> percent'],
    [5, null, 'Trace', 'Buffer', 'Buffer <num> of <num> handed over'],
    [4, null, 'Font', 'Load', 'Font <path> mapped at <addr>'],
  ] as const
).map(spoken);

/** What goes wrong again and again. */
export const RECURRING: readonly Spoken[] = (
  [
    [2, ERROR, 'OrderStore', 'Execute', 'Error: [Order Store] no room left on scratch volume'],
    [2, ERROR, 'Link', 'Probe', 'Link probe failed with status 0x800705B4 on adapter <num>'],
    [3, WARNING, 'Watch', 'Tick', 'Watchdog tick late by <duration>'],
    [2, ERROR, 'Lic', 'Renew', 'Renewal of lease <guid> refused'],
    [4, null, 'Beat', 'Send', 'Heartbeat <num> sent to <ip>'],
    [2, ERROR, 'Repl', 'Sync', 'Replication to <ip> failed, error 1722'],
    [4, null, 'Sensor', 'Sample', 'Temperature zone <num> reads <num>'],
    [3, WARNING, 'Usb', 'Reset', 'Port <num> reset, hub <addr>'],
    [2, ERROR, 'Cert', 'Fetch', 'Could not fetch revocation list <quoted>'],
    [4, null, 'Stat', 'Write', 'Statistics written to <path>'],
    [2, ERROR, 'Store', 'Open', 'Open of <path> failed: STATUS_SHARING_VIOLATION'],
    [3, WARNING, 'Gpu', 'Fence', 'Fence <hex> timed out'],
  ] as const
).map(spoken);

/** What follows one of them. */
export const AFTERWARDS: readonly Spoken[] = (
  [
    [4, null, 'OrderStore', 'Retry', 'Order statement sleeps on error (retry <retry>)'],
    [4, null, 'Link', 'Retry', 'Next attempt number <retry> in a while'],
    [3, WARNING, 'Store', 'Retry', 'Retrying open, try <retry> of many'],
  ] as const
).map(spoken);

/** What comes on every so many beats only. */
export const NOW_AND_THEN: readonly Spoken[] = (
  [
    [4, null, 'Stat', 'Roll', 'Rolling over to file <path>'],
    [3, WARNING, 'Watch', 'Report', 'Summary: <num> late ticks so far'],
    [2, ERROR, 'Link', 'Down', 'Giving up on adapter <num>, error 0x80070079'],
  ] as const
).map(spoken);

/** What comes in clusters. */
export const CLUSTERED: readonly Spoken[] = (
  [
    [2, ERROR, 'Net', 'Abort', 'Connection to <ip> aborted'],
    [4, null, 'Plug', 'Remove', 'Removing child device <addr>'],
    [5, null, 'Shell', 'Notify', 'Notification <num> for window <hex>'],
  ] as const
).map(spoken);

export interface PairText {
  readonly start: Spoken;
  readonly finish: Spoken;
  readonly key: readonly [number, number] | null;
  readonly name: string;
}

type PairRow = readonly [
  provider: string,
  fn: string,
  start: string,
  finish: string,
  key: readonly [number, number] | null,
  name: string,
];

/** The words by which starts and finishes are commonly told. */
export const PAIRS: readonly PairText[] = (
  [
    ['Jobs', 'Run', 'Request <num> started', 'Request <num> finished', [0, 0], 'Request'],
    ['Flush', 'FlushQueue', 'Enter FlushQueue', 'Leave FlushQueue', null, 'FlushQueue'],
    ['Tx', 'Transact', 'begin transaction <quoted>', 'end transaction <quoted>', [0, 0], 'transaction'],
    ['Wire', 'Exchange', 'Send packet <num> to <ip>', 'Receive packet <num> from <ip>', [0, 0], 'packet'],
    ['Stor', 'Dispatch', 'IRP <addr> start, major <num>', 'IRP <addr> complete, information <num>', [0, 0], 'IRP'],
    ['Acpi', 'Evaluate', 'Method \\_SB.LAMP._PS3 started', 'Method \\_SB.LAMP._PS3 finished', null, '\\_SB.LAMP._PS3'],
    ['Render', 'Frame', 'RenderFrame: enter', 'RenderFrame: leave', null, 'RenderFrame'],
  ] as readonly PairRow[]
).map(([provider, fn, start, finish, key, name], i) => ({
  start: spoken([4, null, provider, fn, start], i),
  finish: { ...spoken([4, null, provider, fn, finish], i), line: 200 + 17 * i },
  key,
  name,
}));
