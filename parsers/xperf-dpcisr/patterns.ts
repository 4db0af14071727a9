/** The lines of a report. All patterns are for trimmed lines. */

/** `CPU Usage from 0 us to 130788231 us:` */
export const WINDOW = /^CPU Usage from\s+(\d{1,15})\s*us\s+to\s+(\d{1,15})\s*us\b/i;
/** `CPU 0 Usage,      CPU 1 Usage,`: one column for each CPU; the table of intervals has a leading comma. */
export const CPU_COLUMNS = /^CPU\s+\d+\s+Usage\s*,/i;
/** `649114 0.50, 2825 0.00, Wdf01000.sys`: a cell, from the front of the line. */
export const CELL = /\s*(\d{1,15})\s+(\d{1,9}[.,]\d{1,9})\s*,/y;
/** `, CPU 0 Usage , CPU 1 Usage`: the columns of the table of intervals. */
export const INTERVAL_COLUMNS = /^,\s*CPU\s+\d+\s+Usage\b/i;
/** `0-1000 :, 18 0.00, 0 0.00`: in ms, then a cell for each CPU. */
export const INTERVAL = /^(\d{1,12})\s*-\s*(\d{1,12})\s*:\s*,/;
/** As {@link CELL}, but the last one ends the line. */
export const INTERVAL_CELL = /\s*(\d{1,15})\s+(\d{1,9}[.,]\d{1,9})\s*(?:,|$)/y;
/** `Total = 920 for module kbdhid.sys`, `Total = 3261` (over all modules) */
export const TOTAL = /^Total\s*=\s*(\d{1,15})(?:\s+for module\s(.*))?$/i;
/** `Elapsed Time, > 4 usecs AND <= 8 usecs, 628, or 68.26%`; the open last bucket has no `AND <= …`. */
export const BUCKET =
  /^Elapsed Time,\s*>\s*(\d{1,15})\s*usecs\s*(?:AND\s*<=\s*(\d{1,15})\s*usecs\s*)?,\s*(\d{1,15})\s*,\s*or\s*[\d.,]{1,20}\s*%$/i;
/** `Total, 920`; a real report has `Total,` alone. */
export const BUCKETS_END = /^Total,\s*(\d{0,15})$/i;
/** `All Module = 3261,  Total = 3261,   EQUAL`: the report's own check. */
export const ALL_MODULES = /^All Module\s*=\s*(\d{1,15})\s*,\s*Total\s*=\s*(\d{1,15})\s*,\s*(\S.*)$/i;
/** Lines with words or numbers that are in no table: their content is also in the sums, or they are headings. */
export const KNOWN: readonly RegExp[] = [
  // `--------------------------`, `============`, `---`
  /^[-=_]{3,}$/,
  // `CPU Usage Summing By Module For the Whole Trace`
  /^CPU Usage Summing By Module/i,
  // `usec %, usec %, Module`
  /^usec\s+%/i,
  // `Usage From 0 ms to 90000 ms, Summing In 1 second intervals. Intervals=90`
  /^Usage From\s+\d+\s*ms\s+to\s+\d+\s*ms\b/i,
  // `Start (ms) End (ms)    ,    (usec)      % ,`
  /^Start \(ms\)/i,
  // `Distribution of number of 2000 ms intervals w.r.t. DPC/ISR usage:` and its table, with a line of CPUs
  /^,\s*CPU\s+\d+\b/i,
  /^Distribution of number of\s+\d+\s*ms intervals/i,
  /^DPC\/ISR Usage %\s*,/i,
  /^>=?\s*\d+\s+AND\s*<=\s*\d+\s*,/i,
  /^Total:\s*,/i,
];
/** Lines that begin as a line of data does; where none of the patterns fits, they are damaged. */
export const DATA = /^(?:Elapsed Time\b|Total\s*[=,]|All Module\b|CPU Usage from\b|\d)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a report has none but tabs.
export const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/;

/** Lines that no other tool prints; one of them stands near the front of every report and fragment seen. */
export const MARKS: readonly RegExp[] = [
  /^CPU Usage Summing By Module/i,
  WINDOW,
  TOTAL,
  BUCKET,
  ALL_MODULES,
  /^Usage From\s+\d+\s*ms\s+to\s+\d+\s*ms, Summing In/i,
  /^Distribution of number of\s+\d+\s*ms intervals w\.r\.t\. DPC\/ISR usage/i,
];
