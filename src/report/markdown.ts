/** Findings and sources in Markdown, to be pasted into a ticket. */
import { printable } from '../core/text.js';
import type { Reportable } from './document.js';
import { markdownText } from './rows.js';
import { placeText } from './views.js';

export function markdownFindings(report: Reportable): string {
  const lines = ['### Findings', ''];
  for (const { level, message, evidence, next } of report.findings) {
    lines.push(`- **${level}** ${markdownText(message)}`);
    for (const e of evidence)
      lines.push(`  - ${placeText(e)}: ${markdownText(printable(e.quote).replace(/\s+/g, ' '))}`);
    for (const step of next) lines.push(`  - next: ${markdownText(step)}`);
  }
  if (report.findings.length === 0) lines.push('none');
  lines.push('', '### Sources', '');
  for (const { id, path, format, account } of report.sources) {
    lines.push(
      `- ${id} ${markdownText(printable(path))} (${format}): ${account.read} ${account.unit}s = ${account.rows} rows + ` +
        `${account.skipped} skipped + ${account.ignored} ignored`,
    );
  }
  for (const d of report.diagnostics) {
    lines.push(`- ${d.severity}: ${d.source ?? ''} ${markdownText(d.message)} (${d.count}, ${d.code})`);
  }
  return `${lines.join('\n')}\n`;
}
