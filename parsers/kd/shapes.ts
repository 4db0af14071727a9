/** What tells that a text is a debugger's log: prompts, and shapes of output that only debuggers print. */
import { type KdLine, kdLine } from './line.js';
import { behindPrompt } from './prompt.js';
import { ADDRESS } from './values.js';

// What is typed begins with one of these; a prompt alone ends a log.
const COMMAND = /^(?:[!.~?|a-z]|$)/i;

/** One line at its beginning each. */
const SHAPES: readonly RegExp[] = [
  /^Pool Used:$/,
  /^Sorting by\s{1,9}(?:Session\s{1,9})?(?:Tag|(?:NonPaged|Paged) Pool Consumed)$/,
  /^\*{3} Virtual Memory Usage \*{3}$/,
  /^Verify (?:Flags )?Level\s{1,9}(?:0x)?[0-9a-f]{1,16}\b/,
  new RegExp(`^Pool block ${ADDRESS}, Size`, 'i'),
  new RegExp(`^\\*?${ADDRESS} size:\\s{0,40}[0-9a-f]{1,16} previous size:`, 'i'),
  new RegExp(`^\\*?${ADDRESS} : (?:tag .{4}, size|large page allocation, tag is)\\s`, 'i'),
  new RegExp(`^Pool page ${ADDRESS} region is `, 'i'),
  /^Searching (?:Non)?Paged pool \(/i,
  new RegExp(`^THREAD ${ADDRESS}\\s{1,9}Cid:? `, 'i'),
  new RegExp(`^PROCESS ${ADDRESS}(?:\\s{1,9}(?:SessionId|Cid):|$)`, 'i'),
  /^(?:#\s{1,9})?Child-?(?:SP|EBP)\s{1,40}RetAddr\b/i,
  /^RetAddr\s{1,40}:\s{1,9}Args to Child\s/i,
  /^#\s{1,40}(?:Child-SP|RetAddr|Call Site|Memory|Arch)\b/,
  /^FramePtr\s{1,9}RetAddr\b/,
  /^STACK_TEXT:$/,
  // `~`, `!stacks`, `!running`, `!peb`
  /^[.#]?\s{0,9}\d{1,5}\s{1,9}id: [0-9a-f]{1,8}\.[0-9a-f]{1,8}\s{1,40}(?:Suspend: -?\d{1,9} )?Teb:? [0-9a-f`]{8,17}\b/i,
  /^Proc\.Thread\s{1,9}\.?Thread\s{1,9}(?:Ticks\s{1,9})?ThreadState\s/,
  /^Prcbs?\s{1,40}Current\s{1,40}(?:\(pri\)\s)?\s{0,40}Next\b/,
  /^(?:Processor \d{1,4}: )?Ready Threads at priority \d{1,2}$/,
  /^[PT]EB at [0-9a-f]{8,16}$/,
  /^Resource @ \S/,
  /^\*\s{1,99}Bugcheck Analysis\s{1,99}\*$/,
  /^BugCheck [0-9a-f]{1,16}, \{/i,
  /^CritSec \S.{0,200} at [0-9a-f`]{4,17}\b/i,
  new RegExp(`^Critical section\\s{1,40}= ${ADDRESS} \\(`, 'i'),
  new RegExp(`^(?:Port|Message) @ ?${ADDRESS}(?: has \\d{1,9} connections)?$`, 'i'),
  new RegExp(`^Server thread ${ADDRESS} is working on message `, 'i'),
  /^PID\s{1,9}CELL ID\s{1,9}(?:ST|PNO)\s/,
  /^Debug session time:\s/,
  /^Loading Dump File \[/,
  /^Bugcheck code [0-9a-f]{8}$/i,
  /^Irp is active with \d{1,3} stacks? \d{1,3} is current\b/,
  /^Irp \[\s?Thread\s?\] irpStack:/,
  new RegExp(`^(?:Device|Driver) object \\(${ADDRESS}\\) is for:`, 'i'),
  /^!DevObj\s{1,40}!DrvObj\s{1,40}!DevExt\b/,
  new RegExp(`^(?:KPCR|PRCB) for Processor \\d{1,4} at ${ADDRESS}`, 'i'),
  /^Microsoft \(R\) Windows Debugger(?: Preview)? Version\b/,
  /^Opened log file '/,
  // `fltmc`
  /^Filter Name\s{1,40}Num Instances\s{1,40}Altitude\s{1,40}Frame$/,
];

/** True where a line is surely a debugger's. */
export function isDebuggerLine(text: string): boolean {
  const line: KdLine = kdLine({ text, line: 0, byte: 0, ended: true }, 0);
  const rest = behindPrompt(line.trimmed);
  return rest === null ? SHAPES.some((shape) => shape.test(line.trimmed)) : COMMAND.test(rest);
}
