import { Argument, type Command, InvalidArgumentError } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { RECIPES, recipeText } from '../../src/recipes/index.js';
import { poolProfile, poolRecipe, poolRecipeFor } from '../../src/recipes/pool.js';
import { writeAnswer } from '../io.js';

export function recipeCommand(program: Command): void {
  program
    .command('recipe')
    .summary('what to type on the Windows machine to record and export a trace')
    .description('Prints what to type on the Windows machine, so that the command of the same name can answer.')
    .addArgument(
      new Argument('<command>', 'the command that is to answer').choices(RECIPES.map((recipe) => recipe.name)),
    )
    .option('--tag <tag>', 'pool only: pool tag to be recorded, 1 to 4 characters; letter case counts', tagOption)
    .option('--wprp', 'pool only: print the recording profile for wpr alone')
    .addHelpText(
      'after',
      '\nExamples:\n  tracekit recipe dpc\n  tracekit recipe pool --tag Leak\n  tracekit recipe pool --tag Leak --wprp > leak.wprp',
    )
    .action(run);
}

function tagOption(text: string): string {
  if (!/^[\x20-\x7e]{1,4}$/.test(text) || text.trim() === '') {
    throw new InvalidArgumentError('Not a pool tag: 1 to 4 printable ASCII characters. Examples: Leak  "Io  "');
  }
  return text;
}

async function run(name: string, { tag = null, wprp = false }: { tag?: string | null; wprp?: boolean }): Promise<void> {
  if (name === poolRecipe.name) {
    await writeAnswer(wprp ? `${poolProfile(tag)}\n` : recipeText(poolRecipeFor(tag)), undefined, []);
    return;
  }
  const given = tag !== null ? '--tag' : wprp ? '--wprp' : null;
  if (given !== null) throw new TracekitError(`${given} is for tracekit recipe pool only.`, EXIT.usage);
  const recipe = RECIPES.find((r) => r.name === name);
  if (recipe !== undefined) await writeAnswer(recipeText(recipe), undefined, []);
}
