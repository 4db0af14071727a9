import { correlateRecipe } from './correlate.js';
import { dpcRecipe } from './dpc.js';
import { dumpRecipe } from './dump.js';
import { errorsRecipe } from './errors.js';
import { poolRecipe } from './pool.js';

/** One thing to type, with the reason for it. */
interface RecipeStep {
  readonly heading: string;
  readonly why: string;
  /** As typed at the prompt. One may span lines: PowerShell takes line ends inside quotes. */
  readonly commands: readonly string[];
  readonly shell: 'cmd' | 'powershell' | 'debugger';
}

/** What to type on the Windows machine so that the command of the same name can answer its question. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly steps: readonly RecipeStep[];
  readonly notes: readonly string[];
}

/** All recipes; `tracekit recipe <name>` prints one. */
export const RECIPES: readonly Recipe[] = [correlateRecipe, dpcRecipe, poolRecipe, dumpRecipe, errorsRecipe];

const WIDTH = 80;
const SHELL_NAMES = { cmd: 'command prompt', powershell: 'PowerShell', debugger: 'debugger' } as const;

/** A recipe as plain text, 80 columns wide; commands stand on lines of their own, unbroken, to be copied. */
export function recipeText(recipe: Recipe): string {
  const steps = recipe.steps.map((step, index) => stepText(step, index + 1));
  const notes = recipe.notes.map((note) => wrap(note, '- ', '  '));
  return [
    `${recipe.title}\n${'='.repeat(recipe.title.length)}`,
    wrap(recipe.question),
    ...steps,
    `${['Notes', ...notes].join('\n')}\n`,
  ].join('\n\n');
}

function stepText(step: RecipeStep, number: number): string {
  const lead = `${number}. `;
  const indent = ' '.repeat(lead.length);
  const heading = wrap(`${step.heading} (${SHELL_NAMES[step.shell]})`, lead, indent);
  const commands = step.commands.map((command) => command.replace(/^/gm, '      '));
  return `${heading}\n${wrap(step.why, indent, indent)}\n\n${commands.join('\n')}`;
}

/** Breaks text at blanks; a word longer than the line stands alone on one. */
function wrap(text: string, first = '', rest = ''): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line);
  return lines.join('\n');
}
