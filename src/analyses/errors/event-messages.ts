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
    'kernel EventTrace Process Thread Image PerfInfo DiskIo FileIo TcpIp UdpIp Registry PageFault PoolTrace StackWalk ' +
    'SystemConfig SystemConfigEx ALPC SplitIo HWConfig ObTrace MSNT_SystemTrace ' +
    'KernelTraceControl PmcCounter LostEvent DbgPrint UmsEvent'
  )
    .toLowerCase()
    .split(' '),
);

export class EventMessages {
  readonly #text = new Map<Batch['cols'], { readonly message: TextColumn; readonly isSentence: Uint8Array }>();

  /** The columns of a batch of events, with what they say; rows of the kernel have no message. */
  columns(batch: Batch<typeof genericEvent>): MessageColumns {
    const { cols } = batch;
    let text = this.#text.get(cols);
    if (text === undefined) {
      const { length } = cols.atUs;
      text = { message: new TextColumn(length), isSentence: new Uint8Array(length) };
      this.#text.set(cols, text);
    }
    const { message, isSentence } = text;
    for (let i = 0; i < batch.n; i++) {
      const said = textOf(batch, i);
      message.set(i, said?.text ?? null);
      isSentence[i] = said?.isSentence === true ? 1 : 0;
    }
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
      isSentence,
    };
  }
}

interface Said {
  readonly text: string;
  /** Written for people to read, not made of fields here. */
  readonly isSentence: boolean;
}

function textOf({ cols, dicts }: Batch<typeof genericEvent>, i: number): Said | null {
  const name = dicts.name.get(cols.name[i]);
  if (!(cols.id[i] > 0) && isKernel(dicts.provider.get(cols.provider[i]), name)) return null;
  const message = cols.message[i];
  const json = cols.fields[i];
  if (message !== null && !(isListOfFields(message) && json !== null)) return { text: message, isSentence: true };
  const fields = fieldsOf(json);
  // In text exports an event without a name has its opcode there.
  const named = name === null || /^(?:\d{0,10}|Info|win:Info|Event\(\d{1,6}\))$/i.test(name) ? '' : name;
  if (typeof fields !== 'string') {
    const sentence = onlySentence(fields);
    if (sentence !== null) return { text: named === '' ? sentence : `${named}: ${sentence}`, isSentence: true };
  }
  const text = typeof fields === 'string' ? fields : fieldsText(fields);
  if (named === '') return { text: text === '' ? 'event' : text, isSentence: false };
  return { text: text === '' ? named : `${named}: ${text}`, isSentence: false };
}

/** `MethodID=%1; ModuleID=%2; …` of a manifest is no sentence. */
const isListOfFields = (message: string): boolean => message.split('=', 4).length === 4;

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a raw log; the text of exports as it is. */
function fieldsOf(fields: string | null): string | Fields {
  if (fields === null) return '';
  if (!fields.startsWith('{')) return fields.trim();
  try {
    return JSON.parse(fields) as Fields;
  } catch {
    return fields;
  }
}

/** What is said where a field is called a message, or one text of four words and more is all that they hold: so programs log through TraceLogging. */
function onlySentence(fields: Fields): string | null {
  const named = Object.entries(fields).find(
    ([name, value]) => typeof value === 'string' && /^(?:message|msg|text)$/i.test(name),
  );
  if (named !== undefined) return named[1] as string;
  const texts = Object.values(fields).filter((value) => typeof value === 'string' && !NUMBER.test(value)) as string[];
  return texts.length === 1 && texts[0].split(' ', 4).length === 4 ? texts[0] : null;
}

const NUMBER = /^(?:-?\d{1,20}|0x[\da-f]{1,16})$/i;

/** `Count=3, Name="lamp"`. */
const fieldsText = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(', ');

/** Texts in quotes, so that it is known where each ends. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return NUMBER.test(value) ? value : `"${value.replaceAll('"', "'")}"`;
  return typeof value === 'object' && value !== null
    ? `"${JSON.stringify(value).replaceAll('"', "'")}"`
    : String(value);
}

/** By the class, or the name of the event where that is a GUID: `Image/Load`. A program's own provider may be called Thread. */
function isKernel(provider: string | null, name: string | null): boolean {
  const names = [provider, name?.includes('/') ? name.split('/', 1)[0] : null];
  return names.some((each) => each !== null && KERNEL.has(each.toLowerCase()));
}
