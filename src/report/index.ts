/** An answer as text. What each command can be printed as stands in the file of its name. */
import type { CorrelateResult } from '../../correlate/result.js';
import type { DpcResult } from '../analyses/dpc-result.js';
import type { DumpResult } from '../analyses/dump/result.js';
import type { ErrorsResult } from '../analyses/errors/result.js';
import type { PoolResult } from '../analyses/pool/result.js';
import { EXIT, TracekitError } from '../core/error.js';
import { printable } from '../core/text.js';
import type { CorrelateTerminalOptions } from './correlate/terminal.js';
import { CORRELATE_OUTPUTS, CORRELATE_RENDER_DEFAULTS, type CorrelateReport } from './correlate.js';
import type { Reportable } from './document.js';
import { DPC_OUTPUTS, DPC_RENDER_DEFAULTS, type DpcReport } from './dpc.js';
import type { DpcTerminalOptions } from './dpc-terminal.js';
import type { DumpTerminalOptions } from './dump/terminal.js';
import { DUMP_OUTPUTS, DUMP_RENDER_DEFAULTS, type DumpReport } from './dump.js';
import type { ErrorsTerminalOptions } from './errors/terminal.js';
import { ERRORS_OUTPUTS, ERRORS_RENDER_DEFAULTS, type ErrorsReport } from './errors.js';
import { POOL_OUTPUTS, POOL_RENDER_DEFAULTS, type PoolReport } from './pool.js';
import type { PoolTerminalOptions } from './pool-terminal.js';

export interface RenderOptions extends DpcTerminalOptions {
  readonly format: string;
}

export interface PoolRenderOptions extends PoolTerminalOptions {
  readonly format: string;
}

export interface DumpRenderOptions extends DumpTerminalOptions {
  readonly format: string;
}

export interface ErrorsRenderOptions extends ErrorsTerminalOptions {
  readonly format: string;
}

export interface CorrelateRenderOptions extends CorrelateTerminalOptions {
  readonly format: string;
}

/** The answer of `correlate` as `table`, `json` or `md`. */
export function render(
  report: Reportable & { readonly result: CorrelateResult },
  options?: Partial<CorrelateRenderOptions>,
): string;
/** The answer of `dpc` in one of the outputs `table`, `json`, `ndjson`, `csv`, `md`. Throws TracekitError for another. */
export function render(report: Reportable & { readonly result: DpcResult }, options?: Partial<RenderOptions>): string;
/** The answer of `pool` in one of those, or as `collapsed`, `flamegraph` or `speedscope`. */
export function render(
  report: Reportable & { readonly result: PoolResult },
  options?: Partial<PoolRenderOptions>,
): string;
/** The answer of `errors` in one of the first. */
export function render(
  report: Reportable & { readonly result: ErrorsResult },
  options?: Partial<ErrorsRenderOptions>,
): string;
/** The answer of `dump` in one of the first, or as `dot` or `mermaid`. */
export function render(
  report: Reportable & { readonly result: DumpResult },
  options?: Partial<DumpRenderOptions>,
): string;
export function render(
  report: DpcReport | PoolReport | DumpReport | ErrorsReport | CorrelateReport,
  options:
    | Partial<RenderOptions>
    | Partial<PoolRenderOptions>
    | Partial<DumpRenderOptions>
    | Partial<ErrorsRenderOptions>
    | Partial<CorrelateRenderOptions> = {},
): string {
  const format = options.format ?? 'table';
  if (report.command === 'correlate') {
    const output = outputNamed(CORRELATE_OUTPUTS, format);
    return output(report as CorrelateReport, {
      ...CORRELATE_RENDER_DEFAULTS,
      ...(options as Partial<CorrelateRenderOptions>),
    });
  }
  if (report.command === 'errors') {
    const output = outputNamed(ERRORS_OUTPUTS, format);
    return output(report as ErrorsReport, { ...ERRORS_RENDER_DEFAULTS, ...(options as Partial<ErrorsRenderOptions>) });
  }
  if (report.command === 'dump') {
    const output = outputNamed(DUMP_OUTPUTS, format);
    return output(report as DumpReport, { ...DUMP_RENDER_DEFAULTS, ...(options as Partial<DumpRenderOptions>) });
  }
  if (report.command === 'pool') {
    const output = outputNamed(POOL_OUTPUTS, format);
    return output(report as PoolReport, { ...POOL_RENDER_DEFAULTS, ...(options as Partial<PoolRenderOptions>) });
  }
  const output = outputNamed(DPC_OUTPUTS, format);
  return output(report as DpcReport, { ...DPC_RENDER_DEFAULTS, ...(options as Partial<RenderOptions>) });
}

function outputNamed<T>(outputs: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(outputs, name)) return outputs[name];
  throw new TracekitError(`no output '${printable(name)}'. Known: ${Object.keys(outputs).join(', ')}.`, EXIT.usage);
}

export { dpcColumns as viewColumns } from './dpc.js';
export { DPC_VIEWS, type DpcViewName } from './dpc-views.js';
export { DUMP_VIEWS, type DumpViewName } from './dump/views.js';
export { dumpColumns } from './dump.js';
export { ERRORS_VIEWS, type ErrorsViewName } from './errors/views.js';
export { errorsColumns } from './errors.js';
export { poolColumns } from './pool.js';
export { POOL_VIEWS, type PoolViewName } from './pool-views.js';
