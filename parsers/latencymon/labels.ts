/** Labels in the report's text, and what stands behind each. */
import type { TextLine } from '../../src/core/parser.js';

const MAX_QUOTE = 300;

/** What a label stands for; a figure carries its kind and CPU in the match. */
export type What =
  | 'duration'
  | 'os'
  | 'cpus'
  | 'max'
  | 'maxDriver'
  | 'maxTotal'
  | 'totalDriver'
  | 'percent'
  | 'bucket'
  | 'cpuMax'
  | 'cpuTotal'
  | 'cpuCount'
  | 'other';

// Units match as anything in brackets: `µs` turns up as `탎`, `Âµs`, `?s`. Everything repeated is bounded.
const B = '[ \\t\\u00a0]{1,20}';
const UNIT = '[ \\t\\u00a0]{0,20}\\([^()]{0,20}\\)';
const END = '[ \\t\\u00a0]{0,20}:?';
const label = (text: string): RegExp => new RegExp(text.replaceAll('_', B), 'giu');

export const LABELS: readonly (readonly [What, RegExp])[] = [
  ['duration', label('LatencyMon_has_been_analyzing_your_system_for')],
  ['os', label('OS_version:')],
  ['cpus', label('Logical_processors:')],
  ['max', label(`Highest_(ISR|DPC)_routine_execution_time${UNIT}${END}`)],
  ['maxDriver', label(`Driver_with_highest_(ISR|DPC)_routine_execution_time${END}`)],
  ['maxTotal', label(`Highest_reported_total_(ISR|DPC)_routine_time${UNIT}${END}`)],
  ['totalDriver', label(`Driver_with_highest_(ISR|DPC)_total(?:_execution)?_time${END}`)],
  ['percent', label(`Total_time_spent_in_(ISR|DPC)s${UNIT}${END}`)],
  ['bucket', label(`(ISR|DPC)_count[ \\t]{0,20}\\(execution_time_([^()]{1,40})\\)${END}`)],
  ['cpuMax', label(`CPU_(\\d{1,4})_(ISR|DPC)_highest_execution_time${UNIT}${END}`)],
  ['cpuTotal', label(`CPU_(\\d{1,4})_(ISR|DPC)_total_execution_time${UNIT}${END}`)],
  ['cpuCount', label(`CPU_(\\d{1,4})_(ISR|DPC)_count${END}`)],
  // Labels whose values are not used, but end the value before them where line breaks are lost.
  ['other', label(`CPU_\\d{1,4}_Interrupt_cycle_time${UNIT}${END}`)],
  ['other', label('(?:Computer_name|Hardware|BIOS|CPU|Processor_groups?|Processor_group_size|RAM):')],
  ['other', label(`Reported_CPU_speed(?:_\\(\\w{1,20}\\))?${END}`)],
  ['other', label(`(?:Highest|Average)_measured_interrupt_to_(?:process|DPC)_latency${UNIT}${END}`)],
  ['other', label(`Process_with_highest_pagefault_count${END}`)],
  ['other', label(`Total_number_of_hard_pagefaults${END}`)],
  ['other', label(`Hard_pagefault_count_of_hardest_hit_process${END}`)],
  ['other', label(`Number_of_processes_hit${END}`)],
  ['other', label('(?:REPORTED_(?:ISRs|DPCs|HARD)|SYSTEM_INFORMATION|CPU_SPEED|PER_CPU_DATA)')],
  ['other', /[_-]{5,}/g],
];

export const FIGURES = new Set<What>([
  'max',
  'maxDriver',
  'maxTotal',
  'totalDriver',
  'percent',
  'bucket',
  'cpuMax',
  'cpuTotal',
  'cpuCount',
]);

/** A line that looks like a figure's and gave none is damaged. */
export const LIKE_A_FIGURE =
  /^\s{0,40}(?:CPU\s{1,20}\d{1,4}\s{1,20}(?:ISR|DPC)|(?:ISR|DPC)\s{1,20}count|Driver with highest (?:ISR|DPC)|Highest (?:reported|ISR|DPC)|Total time spent)/i;

export interface Place {
  readonly line: number;
  readonly byte: number;
  readonly quote: string;
}

/** A label with what stands behind it. */
export interface Found extends Place {
  readonly what: What;
  readonly groups: readonly string[];
  readonly value: string;
}

export function labelsIn(line: TextLine): Found[] {
  const hits: { what: What; from: number; to: number; groups: string[] }[] = [];
  for (const [what, pattern] of LABELS) {
    for (const hit of line.text.matchAll(pattern)) {
      hits.push({ what, from: hit.index, to: hit.index + hit[0].length, groups: hit.slice(1) });
    }
  }
  hits.sort((a, b) => a.from - b.from || b.to - a.to);
  // `CPU speed` also stands inside `Reported CPU speed (WMI)`: the label that begins first is meant.
  let end = 0;
  const kept = hits.filter((hit) => {
    if (hit.from < end) return false;
    end = hit.to;
    return true;
  });
  let counted = 0;
  let bytes = line.byte;
  return kept.map((hit, i) => {
    const end = i + 1 < kept.length ? kept[i + 1].from : line.text.length;
    const from = i === 0 ? 0 : hit.from;
    bytes += Buffer.byteLength(line.text.slice(counted, from));
    counted = from;
    return {
      what: hit.what,
      groups: hit.groups,
      value: line.text.slice(hit.to, end).trim(),
      line: line.line,
      byte: bytes,
      quote: line.text.slice(from, Math.min(end, from + MAX_QUOTE)).trim(),
    };
  });
}
