/** How every command ends: what analyses are given to finish with, and findings made fit to be shown. */
import type { Finish, SourceSummary } from './core/analysis.js';
import type { Diagnostics } from './core/diagnostic.js';
import type { Finding } from './core/evidence.js';
import { printable } from './core/text.js';

/** What analyses of these sources finish with. */
export function contextOf(
  sources: readonly SourceSummary[],
  diagnostics: Diagnostics,
  counted: Finish['counted'] = () => true,
): Finish {
  return {
    sources,
    diagnostics,
    counted,
    evidence: (source, { line, byte, text }) => ({ source: sources[source].id, line, byte, quote: printable(text) }),
  };
}

const LEVELS = ['error', 'warning', 'note'];
const MAX_MESSAGE = 4000;

/** Messages name modules and functions as the source spells them: control characters are made visible here for all. */
export function readable(finding: Finding): Finding {
  const text = (message: string): string => printable(message, MAX_MESSAGE);
  return { ...finding, message: text(finding.message), next: finding.next.map(text) };
}

/** The findings, readable, errors before warnings before notes. */
export const worstFirst = (findings: readonly Finding[]): Finding[] =>
  findings.map(readable).sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
