import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARSERS } from '../parsers/index.js';

const ROOT = resolve(import.meta.dirname, '..');

interface Import {
  /** Both as paths below the project, or a package's name as target. */
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourcesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

const FOLDERS = ['src', 'parsers', 'correlate', 'bin'];

/** The imports and re-exports of a file; comments are taken out first, so that examples in them do not count. */
function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  const add = (target: string, typeOnly: boolean): void => {
    const to = target.startsWith('.')
      ? join(dirname(from), target).split(sep).join('/').replace(/\.js$/, '.ts')
      : target;
    found.push({ from, to, typeOnly });
  };
  for (const [, keyword, names, target] of code.matchAll(
    /^\s*(import|export)\s+([^;'"]*?\bfrom\s+)?['"]([^'"]+)['"]\s*;?/gm,
  )) {
    if (keyword === 'export' && names === undefined) continue;
    add(target, onlyTypes(names ?? ''));
  }
  // `typeof import('x')` and `import('x').Name` are types; `await import('x')` loads it.
  for (const [, before, target] of code.matchAll(/(typeof\s+|await\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    add(target, before?.startsWith('typeof') === true);
  }
  return found;
}

function onlyTypes(clause: string): boolean {
  if (/^type\b/.test(clause.trim())) return true;
  const names = /^\{([^}]*)\}\s*from/.exec(clause.trim());
  if (names === null) return false;
  const list = names[1].split(',').filter((name) => name.trim() !== '');
  return list.length > 0 && list.every((name) => /^\s*type\b/.test(name));
}

const files = FOLDERS.flatMap(sourcesIn);
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
const told = ({ from, to, typeOnly }: Import): string => `${from} -> ${to}${typeOnly ? ' (types)' : ''}`;
const isLocal = ({ to }: Import): boolean => FOLDERS.some((folder) => to.startsWith(`${folder}/`));

/** Local imports of files below `folder` whose target is in none of the folders allowed. */
const breaking = (folder: string, allowed: readonly (string | RegExp)[]): string[] =>
  imports
    .filter((i) => i.from.startsWith(folder) && isLocal(i))
    .filter((i) => !allowed.some((a) => (typeof a === 'string' ? i.to.startsWith(a) : a.test(told(i)))))
    .map(told);

describe('the finder of imports', () => {
  it('finds each way to import, and no comment', () => {
    const text = [
      "import { a } from './a.js';",
      "import type { B } from '../b/b.js';",
      "import { type C, type D } from 'c';",
      "import { type E, f } from './e.js';",
      "import {\n  g,\n  h,\n} from './g.js';",
      "export { i } from './i.js';",
      "export type * from './j.js';",
      "import 'k';",
      "const l = await import('l');",
      "type M = typeof import('m');",
      "// import { n } from './n.js';",
      " * import { o } from './o.js';".replace(' *', '/**').concat(' */'),
      'export const p = 1;',
    ].join('\n');
    expect(importsOf('src/core/x.ts', text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
      ['src/core/a.ts', false],
      ['src/b/b.ts', true],
      ['c', true],
      ['src/core/e.ts', false],
      ['src/core/g.ts', false],
      ['src/core/i.ts', false],
      ['src/core/j.ts', true],
      ['k', false],
      ['l', false],
      ['m', true],
    ]);
  });

  it('sees the whole project', () => {
    expect(files.length).toBeGreaterThan(40);
    const missing = imports.filter((i) => isLocal(i) && !existsSync(join(ROOT, i.to)));
    expect(missing.map(told)).toEqual([]);
    expect(imports.length).toBeGreaterThan(150);
  });
});

describe('imports point one way', () => {
  it('core sees itself only', () => {
    expect(breaking('src/core/', ['src/core/'])).toEqual([]);
  });

  it('tables see core', () => {
    expect(breaking('src/tables/', ['src/core/', 'src/tables/'])).toEqual([]);
  });

  it('analyses see core and tables', () => {
    expect(breaking('src/analyses/', ['src/core/', 'src/tables/', 'src/analyses/'])).toEqual([]);
  });

  it('joins across sources see core, tables and analyses', () => {
    expect(breaking('correlate/', ['src/core/', 'src/tables/', 'src/analyses/', 'correlate/'])).toEqual([]);
  });

  it('reports see core and the version, and of analyses, joins and info the shapes of their results only', () => {
    const shapes = /-> (src\/(analyses\/.*|info\.ts|events\.ts)|correlate\/result\.ts) \(types\)$/;
    expect(breaking('src/report/', ['src/core/', 'src/report/', 'src/version.ts', shapes])).toEqual([]);
  });

  it('in the reader of raw logs the log is below stacks, system and decode, and these below the passes over it', () => {
    const folder = (name: string): string => `parsers/etl/${name}/`;
    const below = ['src/core/', 'src/tables/', folder('log')];
    expect(breaking(folder('log'), ['src/core/', folder('log')])).toEqual([]);
    expect(breaking(folder('system'), [...below, folder('system')])).toEqual([]);
    expect(breaking(folder('stacks'), [...below, folder('stacks')])).toEqual([]);
  });

  it('parsers see core, tables and the folders of helpers', () => {
    expect(breaking('parsers/', ['src/core/', 'src/tables/', 'parsers/'])).toEqual([]);
  });

  it('nothing below bin is seen from elsewhere', () => {
    expect(imports.filter((i) => i.to.startsWith('bin/') && !i.from.startsWith('bin/')).map(told)).toEqual([]);
  });
});

describe('parsers', () => {
  const formats = readdirSync(join(ROOT, 'parsers'))
    .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
    .map((name) => name.replace(/\.ts$/, ''));
  const within = imports.filter((i) => i.from.startsWith('parsers/') && i.to.startsWith('parsers/'));
  const topOf = (path: string): string => path.split('/')[1];
  /** Whatever prints messages as text: times, ids and lines of it are read alike. */
  const MESSAGES = ['messages', 'text-trace', 'wpp-text', 'cdf-csv', 'debugview', 'log-text', 'eventlog-text', 'kd'];

  it('never import each other', () => {
    const others = within.filter((i) => i.from !== 'parsers/index.ts' && i.to.split('/').length === 2);
    expect(others.map(told)).toEqual([]);
  });

  it('own the folder of their name; some folders belong to the readers of several formats', () => {
    const shared: Readonly<Record<string, readonly string[]>> = {
      eventlog: ['eventlog', 'eventlog-text', 'eventlog-xml'],
      messages: MESSAGES,
      tracerpt: ['tracerpt', 'tracerpt-csv', 'tracerpt-xml'],
      wpa: ['wpa', 'wpa-csv', 'wpa-pool'],
    };
    const owners = (folder: string): readonly string[] => shared[folder] ?? [folder];
    const reader = (path: string): string => topOf(path).replace(/\.ts$/, '');
    const strange = within.filter((i) => i.to.split('/').length > 2 && !owners(topOf(i.to)).includes(reader(i.from)));
    expect(strange.map(told)).toEqual([]);
  });

  it('are all in the list, and the list holds nothing else', () => {
    const listed = within.filter((i) => i.from === 'parsers/index.ts').map((i) => topOf(i.to).replace(/\.ts$/, ''));
    expect(listed.sort()).toEqual(formats.sort());
    expect(PARSERS).toHaveLength(formats.length);
    expect(new Set(PARSERS.map((parser) => parser.name)).size).toBe(PARSERS.length);
  });

  it('are named nowhere else but in the list', () => {
    const named = imports.filter((i) => i.to.startsWith('parsers/') && !i.from.startsWith('parsers/'));
    expect(named.filter((i) => i.to !== 'parsers/index.ts').map(told)).toEqual([]);
  });
});

describe('packages', () => {
  const users = (name: string): string[] => [
    ...new Set(imports.filter((i) => i.to === name || i.to.startsWith(`${name}/`)).map(told)),
  ];

  it('apache-arrow is loaded by src/core/table.ts only; others may name its types', () => {
    expect(users('apache-arrow').filter((use) => !use.endsWith('(types)'))).toEqual([
      'src/core/table.ts -> apache-arrow',
    ]);
  });

  it('csv-parse and luxon have one place each', () => {
    expect(users('csv-parse')).toEqual(['src/core/csv.ts -> csv-parse/sync']);
    expect(users('luxon')).toEqual(['src/core/time.ts -> luxon']);
  });

  it('all are declared, and all declared are used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const packages = imports.filter((i) => !isLocal(i) && !i.to.startsWith('node:') && !i.to.startsWith('.'));
    const names = new Set(
      packages.map(({ to }) => (to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0])),
    );
    expect([...names].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('the sources know no tests, benches or compiled files', () => {
    expect(imports.filter((i) => /^(test|bench|dist|samples)\//.test(i.to)).map(told)).toEqual([]);
  });
});
