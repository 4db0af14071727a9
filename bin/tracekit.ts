#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, TracekitError } from '../src/core/error.js';
import { printable } from '../src/core/text.js';
import { VERSION } from '../src/version.js';
import { correlateCommand } from './commands/correlate.js';
import { demoCommand } from './commands/demo.js';
import { dpcCommand } from './commands/dpc.js';
import { dumpCommand } from './commands/dump.js';
import { errorsCommand } from './commands/errors.js';
import { eventsCommand } from './commands/events.js';
import { formatsCommand } from './commands/formats.js';
import { infoCommand } from './commands/info.js';
import { poolCommand } from './commands/pool.js';
import { recipeCommand } from './commands/recipe.js';
import { tablesCommand } from './commands/tables.js';
import { endQuietlyOnClosedPipe } from './io.js';
import { plainArguments } from './options.js';

function program(): Command {
  const command = new Command('tracekit')
    .description(
      'Reads ETW traces, raw .etl logs and exports, software traces and event logs, and debugger logs, and says what is at fault, with file and place as evidence.',
    )
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(see --help)')
    .exitOverride()
    // Inherited by the commands below: commander quotes arguments as they were typed.
    .configureOutput({ outputError: (text, write) => write(safeLines(text)) })
    .addHelpText(
      'after',
      `
Exit codes:
  0 done  1 a limit given by --fail-over was exceeded  2 usage
  3 input unreadable, or not sound under --strict  4 the input does not hold what the answer needs`,
    );
  const commands = [
    correlateCommand,
    dpcCommand,
    poolCommand,
    dumpCommand,
    errorsCommand,
    infoCommand,
    eventsCommand,
    tablesCommand,
  ];
  for (const add of [...commands, formatsCommand, recipeCommand, demoCommand]) add(command);
  for (const sub of command.commands) sub.exitOverride().showHelpAfterError('(see --help)');
  return command;
}

async function main(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  try {
    await program().parseAsync(plainArguments(argv), { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** A message of some lines whose words may come from a command line or a file. */
function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 4000))
    .join('\n');
}

/** Says what went wrong in a line, never with a stack trace, and gives the exit code. */
function exitCodeOf(error: unknown): number {
  // commander has printed its own message; help and version come this way with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof TracekitError) {
    process.stderr.write(`tracekit: ${safeLines(error.message)}\n`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`tracekit: internal error: ${printable(message)}. Please report it with the command line.\n`);
  if (process.env.TRACEKIT_DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
  return EXIT.unreadable;
}

await main(process.argv.slice(2));
