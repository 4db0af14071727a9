/** What was not measured, and the command that would measure it. */
import { durationText } from '../src/core/duration-text.js';
import type { Case } from './case.js';
import type { Missing } from './result.js';

export function missingOf(all: Case): Missing[] {
  return [...clocks(all), ...traces(all), ...dumpSide(all)];
}

function clocks({ line, dump, boot }: Case): Missing[] {
  const found: Missing[] = [];
  if (dump.system.debugSessionUtc === null && line.dumpMs === null) {
    found.push({
      what: 'when the dump was taken',
      why: 'without it no wait can be put beside the trace',
      next: '.time',
    });
  }
  if (dump.system.uptimeMs === null) {
    found.push({
      what: 'how long the machine was up',
      why: 'without it growth cannot be carried back to the boot',
      next: '.time',
    });
  }
  if (line.dumpAtUs === null && line.dumpMs !== null && line.origin >= 0) {
    found.push({
      what: 'when the trace began',
      why: 'it names no start, or no zone',
      next: 'tracekit correlate --trace-start 2026-11-20T10:05:11Z …, or --zone +02:00',
    });
  }
  if (line.dumpAtUs !== null && (line.uncertaintyMs ?? 0) > 60_000) {
    found.push({
      what: 'how far trace and dump are apart, to the second',
      why: `the zone or the day of the trace may be another: up to ${durationText(line.uncertaintyMs ?? 0)} off, so nothing was joined by time`,
      next: 'tracekit correlate --zone +02:00 --date 2026-11-20 …',
    });
  }
  if (boot.isSame === null && dump.system.modules.length === 0) {
    found.push({
      what: 'whether trace and dump are of one boot',
      why: 'the dump lists no modules to compare addresses with',
      next: 'lm kv',
    });
  }
  return found;
}

function traces({ dpc, pool, errors, dump, facts, context, dumps }: Case): Missing[] {
  const found: Missing[] = [];
  const sessions = [...facts.loggers].map(([id]) => `0x${id.toString(16)}`);
  const save = sessions.length > 0 ? `!wmitrace.logsave ${sessions[0]} trace.etl` : '!wmitrace.strdump';
  const hasTrace = context.sources.length > dumps;
  if (dump.watchdog !== null && dpc === null) {
    found.push({
      what: 'DPCs and ISRs before the bugcheck',
      why:
        sessions.length > 0
          ? 'a trace session lies in the dump itself'
          : 'the dump may hold a trace session: the circular kernel logger is on by default',
      next: save,
    });
  }
  if (pool === null || pool.window.endUs === null) {
    if (dump.leakSuspects.some(({ kind }) => kind === 'pool-tag')) {
      found.push({
        what: 'which code allocates the pool',
        why: 'no trace of allocations was given',
        next: 'tracekit recipe pool',
      });
    }
  } else if (pool.stacks.every(({ from }) => from !== 'trace')) {
    found.push({ what: 'stacks of allocations', why: 'the trace has none', next: 'tracekit recipe pool' });
  }
  if (dump.chains.length > 0 && errors === null) {
    found.push({
      what: 'what the blocked components logged',
      why: hasTrace ? 'the traces hold no messages' : 'no trace was given',
      next: sessions.length > 0 ? `!wmitrace.logdump ${sessions[0]}` : 'tracekit recipe errors',
    });
  }
  if (
    dump.chains.length > 0 &&
    hasTrace &&
    !context.sources.slice(dumps).some((source) => source.events.size > 0 && hasSwitches(source.events))
  ) {
    found.push({
      what: 'when the blocked threads last ran',
      why: 'the trace holds no context switches',
      next: 'wpr -start CPU -filemode',
    });
  }
  return found;
}

const hasSwitches = (events: ReadonlyMap<string, unknown>): boolean =>
  [...events.keys()].some((name) => /cswitch/i.test(name));

function dumpSide({ dump }: Case): Missing[] {
  const found: Missing[] = [];
  if (dump.watchdog?.kind === 'single' && dump.watchdog.culprit === null) {
    found.push({
      what: 'the stack of the processor that crashed',
      why: 'the log does not show it, or not down to the DPC',
      next: '!analyze -v; k',
    });
  }
  if (dump.leakSuspects.some(({ kind }) => kind === 'pool-tag') && dump.memory === null) {
    found.push({ what: 'limits and failures of memory', why: 'the log holds no !vm', next: '!vm' });
  }
  if (dump.chains.some(({ root }) => root.why === 'missing-thread')) {
    found.push({ what: 'threads that others wait for', why: 'the log does not show them', next: '!process 0 3f' });
  }
  return found;
}
