/** The JSON document that scripts rely on; described in docs/json.md and docs/schema/. */
import type { SourceSummary } from '../core/analysis.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Finding } from '../core/evidence.js';
import { jsonPieces } from '../core/json-pieces.js';
import { VERSION } from '../version.js';

/** What every output is made from. */
export interface Reportable {
  readonly command: string;
  readonly sources: readonly SourceSummary[];
  readonly result: unknown;
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The document as an object: contract fields first, more beside them. */
export function documentOf<R extends Reportable>(
  report: R,
): { readonly result: R['result']; readonly [field: string]: unknown } {
  return {
    tool: { name: 'tracekit', version: VERSION },
    command: report.command,
    sources: report.sources.map(sourceOf),
    result: report.result,
    findings: report.findings,
    diagnostics: report.diagnostics,
  };
}

function sourceOf(source: SourceSummary): object {
  const { account, about } = source;
  return {
    id: source.id,
    path: source.path,
    format: source.format,
    bytes: source.bytes,
    rows: account.rows,
    skipped: account.skipped,
    ignored: account.ignored,
    read: account.read,
    unit: account.unit,
    truncated: about.truncated,
    eventsLost: about.eventsLost,
    buffersLost: about.buffersLost,
    encoding: source.encoding,
    container: source.container,
    clock: about.clock,
    machine: about.machine,
    session: about.session,
    assumedTimestamp: about.assumedTimestamp,
    notes: about.notes,
  };
}

/** The document as text in pieces; numbers that JSON cannot hold become null. */
export function* jsonDocument(report: Reportable): Generator<string> {
  yield* jsonPieces(documentOf(report));
  yield '\n';
}

/** The document as text. */
export const renderJson = (report: Reportable): string => [...jsonDocument(report)].join('');
