/**
 * Writes messages as a raw .etl log: WPP messages with the message file that describes them, events of a manifest with
 * the manifest, TraceLogging events. The log's clock is a counter: it has true times, whatever the machine's clock was set to.
 */
import { u32, utf16z } from '../etl/bytes.js';
import { type EtlEvent, type EventBody, etlSession } from '../etl/log.js';
import { manifestEvent, wppMessage } from '../etl/payloads/other.js';
import { processEvent } from '../etl/payloads/rundown.js';
import { type TraceField, traceLogging } from '../etl/payloads/tracelogging.js';
import { writeEtl } from '../etl/write-etl.js';
import { filetimeOf } from './clock.js';
import { descriptionsOf } from './etl-descriptions.js';
import { guidOf } from './guids.js';
import type { Message, Value } from './model.js';
import type { MessageLog } from './play.js';

export type EtlKind = 'wpp' | 'manifest' | 'tracelogging';

export interface EtlMessagesOptions {
  /** `mixed` (default): by provider, one after the other. */
  readonly as?: EtlKind | 'mixed';
  readonly compressed?: boolean;
}

export interface EtlMessages {
  readonly etl: Buffer;
  /** For `--tmf`; without messages where there are no WPP messages. */
  readonly tmf: string;
  /** For `--manifest`. */
  readonly manifest: string;
}

export const resolutionUs = (_options: EtlMessagesOptions = {}): number => 1;

const KINDS: readonly EtlKind[] = ['wpp', 'manifest', 'tracelogging'];
/** The counter runs at 10 MHz. */
const TICKS_PER_US = 10n;

export function etlMessages(log: MessageLog, { as = 'mixed', compressed }: EtlMessagesOptions = {}): EtlMessages {
  const start = filetimeOf(log.startClockUs, log.zoneMinutes);
  const session = etlSession({
    cpus: log.cpus,
    startFiletime: start,
    endFiletime: start + BigInt(log.lengthUs) * 10n,
    bootFiletime: start - 3_600n * 10_000_000n,
    timeZoneBiasMinutes: -log.zoneMinutes,
    logFileName: `C:\\Traces\\${log.name}.etl`,
    loggerName: 'Lamp Session',
  });
  const providers = [...new Set(log.truth.templates.map(({ provider }) => provider))];
  const kindOf = (provider: string): EtlKind =>
    as === 'mixed' ? KINDS[providers.indexOf(provider) % KINDS.length] : as;
  const at = (atUs: number): bigint => session.startTicks + BigInt(atUs) * TICKS_PER_US;
  const events: EtlEvent[] = log.messages.map((message) => {
    const { cpu, pid, tid, atUs } = message;
    return { ...BODY[kindOf(message.provider)](message), cpu, pid, tid, ticks: at(atUs) };
  });
  const etl = writeEtl({ session, events: [...processesOf(log, at(0)), ...events], compressed });
  return { etl, ...descriptionsOf(log, kindOf) };
}

function processesOf(log: MessageLog, ticks: bigint): EtlEvent[] {
  const names = new Map(log.messages.map(({ pid, process }) => [pid, process]));
  return [...names].map(([pid, name]) => {
    const key = 0xffffc00000000000n + BigInt(pid) * 0x1000n;
    const body = processEvent('rundownStart', { key, pid, parentPid: 4, imageFileName: name, commandLine: name });
    return { ...body, cpu: 0, pid: 4, tid: 8, ticks };
  });
}

/** Numbers that fit are numbers, all else is text. */
const isNumber = ({ kind }: Pick<Value, 'kind'>): boolean => kind === 'num' || kind === 'retry';

const argument = (value: Value): Buffer => (isNumber(value) ? u32(Number(value.text)) : utf16z(value.text));

/** EVENT_TRACE_TYPE_START and _END. */
const OPCODE = { start: 1, finish: 2 } as const;
const opcodeOf = ({ part }: Message): number => (part === null ? 0 : OPCODE[part]);

const BODY: Record<EtlKind, (message: Message) => EventBody> = {
  wpp: (message) =>
    wppMessage(
      { number: message.eventId, guid: guidOf(message.provider), time: true, system: true, pointerBytes: 8 },
      Buffer.concat(message.values.map(argument)),
    ),
  manifest: (message) =>
    manifestEvent(
      {
        guid: guidOf(message.provider),
        id: message.eventId,
        version: 0,
        level: message.level,
        opcode: opcodeOf(message),
      },
      Buffer.concat(message.values.map(argument)),
    ),
  tracelogging: (message) =>
    traceLogging({
      guid: guidOf(message.provider),
      provider: message.provider,
      name: message.function,
      level: message.level,
      opcode: opcodeOf(message),
      fields: [{ name: 'Message', type: 'unicodeString', data: utf16z(message.message) }] satisfies TraceField[],
    }),
};
