/** The lists of a `dump` result as tables. */
import type { DumpResult } from '../../analyses/dump/result.js';
import type { View } from '../views.js';
import { madeView } from './columns.js';
import { stackGroups } from './stack-groups.js';
import { SUMMARY, summaryRows } from './summary.js';
import * as other from './system-columns.js';
import * as thread from './thread-columns.js';

export const DUMP_VIEWS = [
  'summary',
  'deadlock',
  'chain',
  'edge',
  'order',
  'thread',
  'stack',
  'lock',
  'process',
  'irp',
  'location',
  'driver',
  'requester',
  'pattern',
  'module',
  'memory',
  'processor',
  'queue',
  'leak',
  'port',
  'filter',
  'desktop',
  'nbl',
  'quality',
  'logger',
] as const;
export type DumpViewName = (typeof DUMP_VIEWS)[number];

/** A list of the result as a table. Threads and processes that a filter left out are no more rows to be shown. */
export function dumpView(name: DumpViewName, result: DumpResult): View<never> {
  const { system, irps, cut } = result;
  switch (name) {
    case 'summary':
      return madeView(name, 'Summary', SUMMARY, summaryRows(result));
    case 'deadlock':
      return madeView(name, 'Deadlocks', thread.DEADLOCK, thread.deadlockRows(result));
    case 'chain':
      return madeView(name, 'Wait chains', thread.CHAIN, result.chains, cut.chains);
    case 'edge':
      return madeView(name, 'Who waits for whom', thread.EDGE, thread.edgeRows(result), cut.waitEdges);
    case 'order':
      return madeView(name, 'Longest waits', thread.ORDER, thread.orderRows(result), cut.order);
    case 'thread':
      return madeView(name, 'Threads', thread.THREAD, result.threads);
    case 'stack':
      return madeView(name, 'Threads by stack', thread.STACK, stackGroups(result));
    case 'lock':
      return madeView(name, 'Locks', other.LOCK, result.locks, cut.locks);
    case 'process':
      return madeView(name, 'Processes', other.PROCESS, result.processes);
    case 'irp':
      return madeView(name, 'IRPs', other.IRP, irps.list, cut.irps);
    case 'location':
      return madeView(
        name,
        'Stack locations of IRPs',
        other.LOCATION,
        irps.list.flatMap((irp) => irp.locations.map((at) => ({ irp, at }))),
      );
    case 'driver':
      return madeView(name, 'IRPs by driver', other.DRIVER, irps.byDriver);
    case 'requester':
      return madeView(name, 'IRPs by thread', other.REQUESTER, irps.byThread);
    case 'pattern':
      return madeView(name, 'Patterns', other.PATTERN, result.patterns, cut.patterns);
    case 'module':
      return madeView(name, 'Modules', other.MODULE, system.modules, cut.modules);
    case 'memory':
      return madeView(name, 'Memory', other.MEMORY, result.memory?.figures ?? []);
    case 'processor':
      return madeView(name, 'Processors', other.PROCESSOR, system.processors);
    case 'queue':
      return madeView(
        name,
        'DPCs queued',
        other.QUEUE,
        system.processors.flatMap(({ cpu, dpcs }) => dpcs.map((dpc) => ({ cpu, dpc }))),
      );
    case 'leak':
      return madeView(name, 'Leak suspects', other.LEAK, result.leakSuspects, cut.leakSuspects);
    case 'port':
      return madeView(name, 'Ports of LPC and ALPC', other.PORT, result.ports, cut.ports);
    case 'filter':
      return madeView(name, 'File system filters, top first', other.FILTER, result.filters);
    case 'desktop':
      return madeView(name, 'Desktop heaps', other.DESKTOP, result.desktops);
    case 'nbl':
      return madeView(name, 'Who holds network buffers (NBLs)', other.NBL, result.nbls?.holders ?? []);
    case 'quality':
      return madeView(name, 'What makes the dump doubtful', other.QUALITY, result.quality);
    case 'logger':
      return madeView(name, 'ETW sessions in the dump', other.LOGGER, result.watchdog?.loggers ?? []);
  }
}
