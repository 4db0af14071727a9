/** Every output of a `correlate` answer. A new one is a file beside this and a line in `CORRELATE_OUTPUTS`. */
import { correlateMarkdown } from './correlate/markdown.js';
import { type CorrelateReport, type CorrelateTerminalOptions, renderCorrelate } from './correlate/terminal.js';
import { renderJson } from './document.js';

export type { CorrelateReport } from './correlate/terminal.js';

export const CORRELATE_RENDER_DEFAULTS: CorrelateTerminalOptions = { width: 160, color: false, top: null };

type Output = (report: CorrelateReport, options: CorrelateTerminalOptions) => string;

export const CORRELATE_OUTPUTS: Readonly<Record<string, Output>> = {
  table: renderCorrelate,
  json: renderJson,
  md: correlateMarkdown,
};
