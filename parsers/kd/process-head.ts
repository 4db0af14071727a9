/**
 * The head of a process, up to its threads, of all versions: in one line, or (x64) in two.
 *
 *     PROCESS 89cf4870  SessionId: 0  Cid: 0fa4    Peb: 7ffde000  ParentCid: 0228
 *         DirBase: 3c9e6000  ObjectTable: e1627410  HandleCount:  81.
 *         Image: userinit.exe
 *         ElapsedTime                       2 Days 02:59:39.285
 *         QuotaPoolUsage[PagedPool]         42916
 *         Working Set Sizes (now,min,max)  (1289, 50, 345) (5156KB, 200KB, 1380KB)
 *         CommitCharge                      866
 *
 *     PROCESS ffffe001d147c840
 *         SessionId: none  Cid: 10f0    Peb: ee6cf8a000  ParentCid: 0434
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpProcess } from '../../src/tables/dump-thread.js';
import type { Taken } from './command.js';
import { durationMs } from './durations.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const SURE =
  /^PROCESS:?\s{1,9}((?:0x)?[0-9a-f`]{8,17})(?:\s{1,9}(?:SessionId:|Cid:?|Peb:|DeepFreeze|Session:|Image:).{0,300})?$/i;
const SESSION = /\bSessionId:\s{0,9}(\w{1,10})/i;
const CID = /(?:^|\s)Cid:\s{0,9}([0-9a-f]{1,8})(?=\s|$)/i;
const PEB = /\bPeb:\s{0,9}((?:0x)?[0-9a-f`]{1,17})(?=\s|$)/i;
const PARENT = /\bParentCid:\s{0,9}([0-9a-f]{1,8})(?=\s|$)/i;
const HANDLES = /\b(?:HandleCount|TableSize):\s{0,9}(\d{1,10})\b/i;
const IMAGE = /^Image:\s{0,40}(\S.{0,260})$/i;
const COMMAND_LINE = /^CommandLine:\s{0,40}'?(.{1,2000}?)'?$/i;
const ID_LINE = /^(?:SessionId:|Cid:|Peb:|ParentCid:)/i;
const TABLE_LINE = /^(?:DirBase:|ObjectTable:|HandleCount:|TableSize:)/i;
const VALUE =
  /^(ElapsedTime|UserTime|KernelTime|QuotaPoolUsage\s?\[(?:Non)?PagedPool\]|CommitCharge):?\s{1,60}(\S.{0,60})$/i;
const WORKING_SET = /^Working Set Sizes.{0,30}?\)\s{0,9}\((\d{1,12}),/i;
// Sound, and of no table.
const KNOWN =
  /^(?:VadRoot\b|DeviceMap\b|Token\b|PeakWorkingSetSize|VirtualSize|PeakVirtualSize|PageFaultCount|MemoryPriority|BasePriority|PriorityClass|DebugPort|ExceptionPort|Job\b|DeepFreeze|FrozenProcess|Frozen\b|FreezeCount|Clone\b|RunRef\b|SecurityPort|Protection|Subsystem|Accessible>|[0-9a-f`]{8,17} MutantState|Wow64\b|WOW64\b|GetU[Ll]ong|GetPointer|Unable to (?:get|read)|Thread ?Count|Dumping Session|_MM_?SESSION)/;
const UNKNOWN = /^(?:<.{0,40}>|N\/A)$/i;

/** A row of `dump_process`. */
interface ProcessRow {
  command: string;
  address: bigint | null;
  image: string | null;
  pid: number | null;
  parentPid: number | null;
  sessionId: number | null;
  handleCount: number | null;
  commandLine: string | null;
  elapsedMs: number | null;
  userMs: number | null;
  kernelMs: number | null;
  commitPages: number | null;
  workingSetPages: number | null;
  pagedQuotaBytes: number | null;
  nonpagedQuotaBytes: number | null;
  hasPeb: number | null;
}

export const isProcess = (trimmed: string): boolean => trimmed.startsWith('PROCESS') && SURE.test(trimmed);

export class ProcessHead {
  readonly row: ProcessRow;

  constructor(
    private readonly log: Log,
    command: string,
    private readonly line: KdLine,
  ) {
    this.row = {
      command,
      address: parseAddress(SURE.exec(line.trimmed)?.[1] ?? ''),
      image: null,
      pid: null,
      parentPid: null,
      sessionId: null,
      handleCount: null,
      commandLine: null,
      elapsedMs: null,
      userMs: null,
      kernelMs: null,
      commitPages: null,
      workingSetPages: null,
      pagedQuotaBytes: null,
      nonpagedQuotaBytes: null,
      hasPeb: null,
    };
    this.#ids(line.trimmed);
  }

  /** What a line is of this head; null for nothing. */
  take({ trimmed }: KdLine): Taken | null {
    const { row } = this;
    if (ID_LINE.test(trimmed)) {
      this.#ids(trimmed);
      return this.fed();
    }
    if (TABLE_LINE.test(trimmed)) {
      const handles = HANDLES.exec(trimmed)?.[1];
      if (handles !== undefined) row.handleCount = Number(handles);
      return this.fed();
    }
    const image = IMAGE.exec(trimmed)?.[1];
    if (image !== undefined) {
      // A second image is another process, whose first line was lost.
      if (row.image !== null) return null;
      row.image = UNKNOWN.test(image) ? null : image;
      return this.fed();
    }
    return this.#value(trimmed);
  }

  write(): void {
    this.log.row(dumpProcess, this.row, this.line);
  }

  fed(): Taken {
    return fed(this.log, dumpProcess);
  }

  #ids(text: string): void {
    const { row } = this;
    const session = SESSION.exec(text)?.[1];
    if (session !== undefined && /^\d{1,9}$/.test(session)) row.sessionId = Number(session);
    row.pid = hex(CID.exec(text)) ?? row.pid;
    row.parentPid = hex(PARENT.exec(text)) ?? row.parentPid;
    const peb = PEB.exec(text)?.[1];
    if (peb !== undefined) row.hasPeb = parseAddress(peb) === 0n ? 0 : 1;
    const handles = HANDLES.exec(text)?.[1];
    if (handles !== undefined) row.handleCount = Number(handles);
  }

  #value(trimmed: string): Taken | null {
    const { row } = this;
    const match = VALUE.exec(trimmed);
    if (match !== null) {
      this.#set(match[1], match[2].trim());
      return this.fed();
    }
    const pages = WORKING_SET.exec(trimmed)?.[1];
    if (pages !== undefined) {
      row.workingSetPages = Number(pages);
      return this.fed();
    }
    const commandLine = COMMAND_LINE.exec(trimmed)?.[1];
    if (commandLine !== undefined) {
      row.commandLine = commandLine;
      return this.fed();
    }
    return KNOWN.test(trimmed) ? 'ignored' : null;
  }

  #set(name: string, value: string): void {
    const { row } = this;
    const number = /^\d{1,20}$/.test(value) ? Number(value) : null;
    switch (name.toLowerCase().replace(/\s/g, '')) {
      case 'elapsedtime':
        row.elapsedMs = durationMs(value);
        break;
      case 'usertime':
        row.userMs = durationMs(value);
        break;
      case 'kerneltime':
        row.kernelMs = durationMs(value);
        break;
      case 'commitcharge':
        row.commitPages = number;
        break;
      case 'quotapoolusage[pagedpool]':
        row.pagedQuotaBytes = number;
        break;
      default:
        row.nonpagedQuotaBytes = number;
    }
  }
}

const hex = (match: RegExpExecArray | null): number | null => (match === null ? null : Number.parseInt(match[1], 16));
