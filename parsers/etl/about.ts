/** What a log says of itself and what the first pass found, as the facts that every source has. */
import type { EventIdentity, Output, Session } from '../../src/core/parser.js';
import { Reader } from '../../src/core/reader.js';
import { filetimeToUtc } from '../../src/core/time.js';
import { decodeClassic } from './decode/decode-classic.js';
import { type Decoders, manifestName } from './decode/describe-event.js';
import { kernelName } from './decode/kernel-names.js';
import { providerName } from './decode/provider-names.js';
import type { EventKind, KindCount } from './log/event-counts.js';
import { fileMode } from './log/file-mode.js';
import { BUFFER_HEADER } from './log/layout.js';
import { type LogHeader, ticksPerUs } from './log/log-header.js';
import { zoneText } from './log/zone.js';
import type { Survey } from './survey.js';

/** Class of RT_LostEvent, RT_LostBuffer and RT_LostFile (learn.microsoft.com/windows/win32/etw/rt-lostevent). */
const LOST_EVENT = '6a399ae0-4bc6-4de9-870b-3657f8947e7e';
const CLOCKS: Readonly<Record<number, string>> = { 1: 'QueryPerformanceCounter', 2: 'system time', 3: 'CPU cycles' };

export function describe(found: Survey, decoders: Decoders, out: Output): void {
  const { header } = found;
  if (header === null) return;
  const { about } = out;
  const perUs = ticksPerUs(header);
  about.clock.startUtc = instant(header.startTime);
  about.clock.zone = zoneText(header.biasMinutes);
  about.clock.resolutionNs = perUs === null ? null : 1000 / perUs;
  // The start is a FILETIME: 100 ns.
  about.clock.uncertaintyMs = about.clock.startUtc === null ? null : 0.0001;
  about.machine.os = `Windows ${header.osVersion}`;
  about.machine.build = header.build || null;
  // Windows takes 2,048 processors.
  about.machine.cpus = header.cpus > 0 && header.cpus <= 65_536 ? header.cpus : null;
  if (perUs !== null && !Number.isNaN(found.firstTicks)) {
    about.span.startUs = found.firstTicks / perUs;
    about.span.endUs = found.lastTicks / perUs;
  }
  about.span.openedUs = 0;
  about.eventsLost = header.eventsLost;
  about.buffersLost = header.buffersLost;
  // Of the header event, which is the first.
  about.lossPlace = {
    line: null,
    byte: BUFFER_HEADER.bytes,
    quote: `EventTrace/Header EventsLost=${header.eventsLost}, BuffersLost=${header.buffersLost}`,
  };
  about.functionNames = false;
  about.session = sessionOf(header, found, perUs);
  const counts = found.counts.list();
  for (const count of counts) out.countKind(identityOf(count.kind, decoders), count.count, count.bytes);
  tellDoubts(found, counts, out);
}

/** A FILETIME as ISO 8601; null for 0 and for what is none. */
function instant(filetime: bigint): string | null {
  // Up to the year 9999.
  return filetime > 0n && filetime < 2_650_467_744_000_000_000n ? filetimeToUtc(filetime) : null;
}

function sessionOf(header: LogHeader, found: Survey, perUs: number | null): Session {
  return {
    name: header.loggerName,
    mode: fileMode(header.logFileMode),
    bufferBytes: header.bufferBytes,
    buffers: found.bufferCount,
    compressed: found.isCompressed,
    pointerBytes: header.pointerBytes === 4 || header.pointerBytes === 8 ? header.pointerBytes : null,
    logFile: header.logFileName,
    clock: CLOCKS[header.clockType] ?? null,
    clockHz: perUs === null ? null : Math.round(perUs * 1e6),
    bootUtc: instant(header.bootTime),
    endUtc: instant(header.endTime),
    zoneName: header.zoneName,
  };
}

function identityOf(kind: EventKind, { manifests, tmf }: Decoders): EventIdentity {
  const { guid, header, group, opcode, id, version } = kind;
  const rest = { group: null, opcode, id, version, provider: guid };
  if (group !== null && opcode !== null) {
    return { ...rest, provider: 'kernel', providerName: null, group, name: kernelName(group, opcode) };
  }
  if (guid === null) return { ...rest, providerName: null, name: header === 'message' ? `Message(${id})` : 'unknown' };
  const manifest = manifests.find((m) => m.providerName(guid) !== null);
  const name = kind.providerName || manifest?.providerName(guid) || providerName(guid);
  if (header === 'classic') {
    const found = decodeClassic(guid, opcode ?? 0, version ?? 0, new Reader(Buffer.alloc(0)), 8);
    return { ...rest, providerName: name, name: found?.name ?? `Opcode(${opcode})` };
  }
  if (header === 'message') {
    const known = tmf?.find(guid, id ?? 0) ?? null;
    return { ...rest, providerName: name, name: known?.function ?? `Message(${id})` };
  }
  const event = manifest?.find(guid, id ?? 0, version ?? 0) ?? null;
  return { ...rest, providerName: name, name: kind.name ?? (event === null ? `Event(${id})` : manifestName(event)) };
}

function tellDoubts(found: Survey, counts: readonly KindCount[], out: Output): void {
  const { header, buffers, marked, inversions } = found;
  const add = out.diagnostics.add.bind(out.diagnostics);
  if (header !== null && ticksPerUs(header) === null) {
    add(
      'no-clock',
      'error',
      'the header of the log does not say how fast its clock goes: no time and no duration is known',
    );
  }
  if (marked.eventsLost + marked.buffersLost > 0) {
    add('loss-marked', 'data-loss', 'buffers that are marked: events or buffers before them were lost', {
      count: marked.eventsLost + marked.buffersLost,
    });
  }
  for (const { kind, count } of counts) {
    if (kind.guid !== LOST_EVENT) continue;
    const what = kind.opcode === 32 ? 'events' : kind.opcode === 33 ? 'buffers' : 'files';
    add('lost-in-session', 'data-loss', `the session says of itself that it lost ${what}`, { count, example: what });
  }
  const { uncounted } = found.counts;
  if (uncounted > 0) {
    add(
      'too-many-event-kinds',
      'warning',
      'events of more kinds than are told apart: they are not in the list of events',
      {
        count: uncounted,
      },
    );
  }
  if (inversions > 0) {
    add('time-inversion', 'warning', 'events that come after a later one of their processor', { count: inversions });
  }
  if (!buffers.isOrdered) {
    add('buffers-not-in-order', 'info', 'the log wrapped: its buffers were read in the order of time, not of the file');
  }
  const dropped = found.system.dropped + found.stacks.dropped + found.keys.dropped + found.late.dropped;
  if (dropped > 0 || buffers.isCut) {
    add(
      'too-much-to-keep',
      'data-loss',
      'more processes, images, stacks or buffers than are kept: the rest has no names',
      {
        count: Math.max(dropped, 1),
      },
    );
  }
  if (found.damagedSystemEvents > 0) {
    add(
      'damaged-system-event',
      'warning',
      'events of processes, threads or images that are shorter than their fields',
      {
        count: found.damagedSystemEvents,
      },
    );
  }
}
