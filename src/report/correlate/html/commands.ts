/** What to do next, as text with commands that can be copied. */
import { cut, type Html, html } from './markup.js';

const MAX_COMMAND = 2000;

/** How a line begins that is typed: a debugger's command, or a program of Windows or of ours. */
const TYPED =
  /^(?:[!.][a-z]|(?:tracekit|xperf|wpr|logman|tracelog|tracerpt|verifier|poolmon|wevtutil|bcdedit|reg|netsh|fltmc|powershell|kd|cdb|windbg|~\*?k|lmv)(?:\.exe)?\s)/i;

/**
 * A next step: what stands between backticks is typed; else a text that begins with a command is one up to `: `, which
 * begins its explanation. `isTyped`: all of it is, whatever it looks like.
 */
export function nextStep(step: string, isTyped = false): Html {
  const parts = step.split('`');
  if (parts.length >= 3) {
    return html`${parts.map((part, i) => (i % 2 === 0 ? html`${part}` : command(part)))}`;
  }
  if (isTyped) return command(step);
  if (!TYPED.test(step)) return html`${step}`;
  const end = step.indexOf(': ');
  return end < 0 ? command(step) : html`${command(step.slice(0, end))} ${step.slice(end + 2)}`;
}

export const nextSteps = (steps: readonly string[], most: number): Html =>
  html`<ul class="steps">${steps.slice(0, most).map((step) => html`<li>${nextStep(step)}</li>`)}${
    steps.length > most ? html`<li class="note">and ${steps.length - most} more</li>` : null
  }</ul>`;

/** Lines of a command stay lines. */
function command(text: string): Html {
  const lines = cut(text, MAX_COMMAND).split(/\r?\n/);
  const code = lines.map((line, i) => html`${i > 0 ? NEW_LINE : null}${line}`);
  return html`<span class="cmd"><code>${code}</code><button type="button" class="copy js" aria-label="Copy the command">Copy</button></span>`;
}

const NEW_LINE = html`
`;
