/** What `--strict` refuses: rules of findings that make an answer doubtful, and all that reading remarked on. */
import type { Report } from '../src/index.js';

/** The rules and codes found, each once; none where the answer stands. */
export function strictFailures({ findings, diagnostics }: Report<unknown>, doubtful: ReadonlySet<string>): string[] {
  const found = findings.filter((f) => doubtful.has(f.rule)).map((f) => f.rule);
  const read = diagnostics.filter((d) => d.severity !== 'info').map((d) => d.code);
  return [...new Set([...found, ...read])];
}
