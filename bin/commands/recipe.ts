import { Argument, type Command } from 'commander';
import { RECIPES, recipeText } from '../../src/recipes/index.js';
import { writeAnswer } from '../io.js';

export function recipeCommand(program: Command): void {
  program
    .command('recipe')
    .summary('what to type on the Windows machine to record and export a trace')
    .description('Prints what to type on the Windows machine, so that the command of the same name can answer.')
    .addArgument(
      new Argument('<command>', 'the command that is to answer').choices(RECIPES.map((recipe) => recipe.name)),
    )
    .addHelpText('after', '\nExample:\n  tracekit recipe dpc')
    .action(run);
}

async function run(name: string): Promise<void> {
  const recipe = RECIPES.find((r) => r.name === name);
  if (recipe !== undefined) await writeAnswer(recipeText(recipe), undefined, []);
}
