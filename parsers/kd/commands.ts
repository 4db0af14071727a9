/** Every command whose output is read; the only list. The first that claims a line gets it. */
import type { Command } from './command.js';
import { dumpMemory } from './dump-memory.js';
import { listModules, listNearest } from './modules-listed.js';
import { pool } from './pool.js';
import { poolfind } from './poolfind.js';
import { poolused } from './poolused.js';
import { search } from './search.js';
import { stack } from './stack.js';
import { target } from './target.js';
import { verifier } from './verifier.js';
import { verifierLog } from './verifier-log.js';
import { verifierViolation } from './verifier-violation.js';
import { vm } from './vm.js';

export const COMMANDS: readonly Command[] = [
  poolused,
  vm,
  verifier,
  verifierLog,
  verifierViolation,
  poolfind,
  pool,
  stack,
  // Of rows of memory, those that were found before go first.
  dumpMemory,
  search,
  listModules,
  listNearest,
  target,
];
