/**
 * Events as messages: the sentence that a manifest or message file makes of them or, where there is none, their name and fields.
 * Events of the kernel's own providers are no messages: other commands answer from them.
 */
import type { Batch } from '../../core/table.js';
import { TextColumn } from '../../core/text-column.js';
import type { genericEvent } from '../../tables/event.js';
import type { MessageColumns } from './messages.js';

/** Classes of the NT Kernel Logger's classic events, as tracerpt names them (MSDN, "NT Kernel Logger constants" and MOF classes). */
const KERNEL = new Set(
  (
    'kernel EventTrace Process Thread Image PerfInfo DiskIo FileIo TcpIp UdpIp Registry PageFault PoolTrace Pool StackWalk ' +
    'SystemConfig SystemConfigEx ALPC SplitIo HWConfig ObTrace ThreadPool HeapTrace CritSecTrace PowerTrace Memory MSNT_SystemTrace ' +
    'KernelTraceControl PmcCounter LostEvent DbgPrint UmsEvent Lookaside'
  )
    .toLowerCase()
    .split(' '),
);

export class EventMessages {
  readonly #text = new Map<Batch['cols'], TextColumn>();

  /** The columns of a batch of events, with what they say; rows of the kernel have no message. */
  columns(batch: Batch<typeof genericEvent>): MessageColumns {
    const { cols } = batch;
    let message = this.#text.get(cols);
    if (message === undefined) {
      message = new TextColumn(cols.atUs.length);
      this.#text.set(cols, message);
    }
    for (let i = 0; i < batch.n; i++) message.set(i, textOf(batch, i));
    return {
      atUs: cols.atUs,
      pid: cols.pid,
      tid: cols.tid,
      cpu: cols.cpu,
      level: cols.level,
      eventId: cols.id,
      process: cols.process,
      provider: cols.provider,
      providerName: cols.providerName,
      function: null,
      file: null,
      machine: null,
      channel: null,
      message,
    };
  }
}

function textOf({ cols, dicts }: Batch<typeof genericEvent>, i: number): string | null {
  const provider = dicts.provider.get(cols.provider[i]) ?? '';
  if (KERNEL.has(provider.toLowerCase()) && !(cols.id[i] > 0)) return null;
  const message = cols.message[i];
  if (message !== null) return message;
  const name = dicts.name.get(cols.name[i]);
  // In text exports an event without a name has its opcode there.
  const named = name === null || /^(?:\d{0,10}|Info|win:Info|Event\(\d{1,6}\))$/i.test(name) ? '' : name;
  const fields = fieldsText(cols.fields[i]);
  if (named === '') return fields === '' ? 'event' : fields;
  return fields === '' ? named : `${named}: ${fields}`;
}

/** `Count=3, Name=lamp` of a JSON object; the text of exports as it is. */
function fieldsText(fields: string | null): string {
  if (fields === null) return '';
  if (!fields.startsWith('{')) return fields.trim();
  try {
    return Object.entries(JSON.parse(fields) as Record<string, unknown>)
      .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      .join(', ');
  } catch {
    return fields;
  }
}
