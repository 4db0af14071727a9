/** What the documentation says is what the program does: `npm run docs` makes again what is made from it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '../correlate/rules.js';
import { EXIT } from '../src/core/error.js';
import {
  DUMP_VIEWS,
  dumpColumns,
  ERRORS_VIEWS,
  errorsColumns,
  FORMAT_NAMES,
  POOL_VIEWS,
  poolColumns,
  TABLES,
} from '../src/index.js';
import { exampleBlock, examplesIn, shortened, tableReference } from './generate/docs.js';

const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'dist/bin/tracekit.js');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Runs the built command in the project's folder. */
function tracekit(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
}

const readme = read('README.md');
const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'samples/SOURCES.md'].concat(
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);

/** A Markdown text without the blanks that pad its tables. */
const unpadded = (text: string): string => text.replace(/^\|.*$/gm, (row) => row.replace(/ *\| */g, ' | ').trim());

/** First cells of all table rows of a Markdown text. */
const firstCells = (text: string): string[] => [...unpadded(text).matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell);

/** The part of a text under a heading, up to the next of the same depth. */
function sectionOf(text: string, heading: string): string {
  const from = text.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`no heading '${heading}'`);
  const depth = heading.indexOf(' ') + 1;
  const rest = text.slice(from + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${depth - 1}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Lines of all `sh` blocks, comments apart. */
function shellLines(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .flatMap(([, block]) => block.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The words of a command line, quotes taken off. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare);

beforeAll(() => {
  if (!existsSync(bin)) throw new Error('the command is not built: npm run build');
});

interface Option {
  readonly name: string;
  readonly value: string | null;
  readonly choices: readonly string[];
  readonly default: string | null;
}

/** The options that `--help` lists, but `--help` itself. */
function optionsOf(...command: string[]): Option[] {
  const help = tracekit(...command, '--help').stdout;
  const list = /^Options:\n((?: .*\n|\n(?= {2}-))*)/m.exec(help)?.[1] ?? '';
  return list
    .split(/\n(?= {2}-)/)
    .map((entry) => entry.replace(/\s+/g, ' ').trim())
    .map((entry): Option => {
      const [, name, value] = /^(?:-\w, )?(--[\w-]+)(?: ([<[].*?[>\]]))?/.exec(entry) ?? [];
      return {
        name,
        value: value ?? null,
        choices: [...(/choices: (("[\w-]+",? ?)+)/.exec(entry)?.[1] ?? '').matchAll(/"([\w-]+)"/g)].map((m) => m[1]),
        default: /default: "?([\w-]+)"?\)/.exec(entry)?.[1] ?? null,
      };
    })
    .filter(({ name }) => name !== '--help');
}

const commandsInHelp = (): string[] =>
  [...(/^Commands:\n([\s\S]*?)\n\n/m.exec(tracekit('--help').stdout)?.[1] ?? '').matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'help');

/** Commands with a page of their own. */
const PAGES = ['correlate', 'dpc', 'pool', 'dump', 'errors'];

/** The rows of option tables for a command: `| `--top <n>` | … |`, those shared by several commands included. */
function documentedOptions(command: string): Map<string, string> {
  const commands = read('docs/commands.md');
  const own = PAGES.includes(command) ? read(`docs/${command}.md`) : sectionOf(commands, `## tracekit ${command}`);
  const shared = own.includes('#options-of-every-command-over-files')
    ? sectionOf(commands, '## Options of every command over files')
    : '';
  const rows = [...unpadded(`${own}\n${shared}`).matchAll(/^\| `(--[\w-]+)(?: [^`]*)?` \|.*$/gm)];
  return new Map(rows.map(([row, name]) => [name, row]));
}

describe('commands and options', () => {
  it('knows the commands of the help', () => {
    expect(commandsInHelp().length).toBeGreaterThan(3);
  });

  it('documents each command in README and docs, and none besides', () => {
    const commands = commandsInHelp();
    const inReadme = [...readme.matchAll(/^\| `tracekit (\w+)/gm)].map(([, name]) => name);
    const headings = [...read('docs/commands.md').matchAll(/^## tracekit (\w+)$/gm)].map(([, name]) => name);
    expect(inReadme.sort()).toEqual([...commands].sort());
    expect([...PAGES, ...headings].sort()).toEqual([...commands].sort());
  });

  it.each(['correlate', 'dpc', 'pool', 'dump', 'errors', 'info', 'events', 'tables', 'formats', 'recipe', 'demo'])(
    'documents the options of %s, and no others',
    (command) => {
      const documented = documentedOptions(command);
      const options = optionsOf(command);
      expect([...documented.keys()].sort()).toEqual(options.map(({ name }) => name).sort());
      for (const { name, value, choices, default: otherwise } of options) {
        const row = documented.get(name) as string;
        if (value !== null) expect(row).toContain(`\`${name} ${value}\``);
        for (const choice of [...choices, ...(otherwise === null ? [] : [otherwise])]) {
          expect(row, `${name} of ${command}`).toContain(`\`${choice}\``);
        }
      }
    },
  );

  it.each([
    ['dpc', [/lists to show: ([\w, ]+?) --/, /only these kinds: ([\w, -]+?) --/, /output: ([\w, ]+?);/]],
    ['pool', [/lists to show: ([\w, ]+?) --/, /counts and bytes by: ([\w, ]+?) --/, /output: ([\w, ]+?);/]],
    ['dump', [/lists to show: ([\w, ]+?) --/, /output: ([\w, ]+?);/]],
    ['errors', [/lists to show: ([\w, -]+?) --by/, /or worse: ([\w, ]+?) --/, /output: ([\w, ]+?);/]],
  ])('names in the page of %s each member of the lists that its options take', (command, lists) => {
    const text = read(`docs/${command}.md`);
    const help = tracekit(command, '--help').stdout.replace(/\s+/g, ' ');
    for (const list of lists) {
      const members = list.exec(help)?.[1].split(', ') ?? [];
      expect(members.length).toBeGreaterThan(1);
      for (const member of members) expect(text).toContain(`\`${member}\``);
    }
  });

  it.each(POOL_VIEWS)('explains the columns of the list %s in docs/pool.md, and no others', (view) => {
    const cells = firstCells(sectionOf(read('docs/pool.md'), `### ${view}`));
    expect(cells.flatMap((cell) => /^`(\w+)`$/.exec(cell)?.[1] ?? [])).toEqual(poolColumns(view));
  });

  it.each(ERRORS_VIEWS)('explains the columns of the list %s in docs/errors.md, and no others', (view) => {
    const cells = firstCells(sectionOf(read('docs/errors.md'), `### ${view}`));
    expect(cells.flatMap((cell) => /^`(\w+)`$/.exec(cell)?.[1] ?? [])).toEqual(errorsColumns(view));
  });

  it('explains each type of variable in docs/errors.md, with the sign that stands for it', () => {
    const signs = /const PLACEHOLDER[^{]*\{([^}]*)\}/.exec(read('src/analyses/errors/template-text.ts'))?.[1] ?? '';
    const known = [...signs.matchAll(/(\w+): '([^']+)'/g)].map(([, type, sign]) => `| \`${sign}\` | \`${type}\` |`);
    expect(known.length).toBeGreaterThan(8);
    const table = unpadded(sectionOf(read('docs/errors.md'), '## Templates'));
    for (const row of known) expect(table).toContain(row);
    expect(table.match(/^\| `<.+>` \|/gm)).toHaveLength(known.length);
  });

  it('lists each rule of a cause in docs/correlate.md with its points, and no others', () => {
    const rows = unpadded(sectionOf(read('docs/correlate.md'), '## Points')).match(/^\| `.*$/gm);
    expect(rows).toEqual(
      Object.entries(RULES).map(([name, { points, when }]) => `| \`${name}\` | ${points} | ${when} |`),
    );
  });

  it('explains each kind of cause and of join in docs/correlate.md', () => {
    const kinds = (name: string): string[] => {
      const union = new RegExp(`export type ${name} =([^;]*);`).exec(read('correlate/result.ts'))?.[1] ?? '';
      return [...union.matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind);
    };
    const text = read('docs/correlate.md');
    expect(firstCells(sectionOf(text, '## Causes')).slice(2)).toEqual(kinds('CauseKind').map((kind) => `\`${kind}\``));
    const joins = firstCells(sectionOf(text, '## Joins')).slice(2);
    expect(joins.sort()).toEqual(
      kinds('JoinKind')
        .map((kind) => `\`${kind}\``)
        .sort(),
    );
  });

  it('explains each kind of disk event in docs/errors.md', () => {
    const code = read('src/analyses/errors/disk-events.ts');
    const events = [...code.matchAll(/^ {2}(\d+): \{ kind: '([\w-]+)'/gm)].map(
      ([, id, kind]) => `| ${id} | \`${kind}\` |`,
    );
    expect(events.length).toBeGreaterThan(10);
    const table = unpadded(sectionOf(read('docs/errors.md'), '## Disk events'));
    for (const event of events) expect(table).toContain(event);
  });

  it.each(DUMP_VIEWS)('names the columns of the list %s in docs/dump.md, and no others', (view) => {
    const rows = unpadded(sectionOf(read('docs/dump.md'), '## Lists')).split('\n');
    const row = rows.find((line) => line.startsWith(`| \`${view}\` | `)) ?? '';
    const columns = row.split(' | ')[2].replace(/ \|$/, '');
    expect([...columns.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(dumpColumns(view));
  });

  /** Files of a folder of the project as one text. */
  const sourcesOf = (folder: string): string =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`${folder}/${file}`))
      .join('\n');

  it('explains each pattern of a dump in docs/dump.md, and no others', () => {
    const code = sourcesOf('src/analyses/dump/patterns');
    // `name: 'Polling'`, "name: `Hooked Functions (${…})`", and the names by flag of quality.ts.
    const told = [
      ...code.matchAll(/(?:\bname: [^\n]*?['`]|^ {4}\[?['`]|: \[['`])([A-Z][\w ,]+[A-Za-z])(?: \(([^)`]*)\))?['`]/gm),
    ];
    const patterns = new Set(
      told.map(([, name]) => name).filter((name) => /^[A-Z]/.test(name) && name !== 'Device PnP'),
    );
    const documented = firstCells(sectionOf(read('docs/dump.md'), '## Patterns'))
      .flatMap((cell) => cell.split(', '))
      .map((cell) => cell.replace(/ \(.*$/, ''))
      .filter((cell) => cell !== 'pattern' && !/^-+$/.test(cell));
    expect(documented.length).toBeGreaterThan(25);
    for (const name of documented) expect(code, name).toContain(name);
    for (const name of patterns) expect(documented, name).toContain(name);
  });

  it('explains each doubt of a dump in docs/dump.md', () => {
    const code = `${read('parsers/kd/quality.ts')}\n${read('src/analyses/dump/quality.ts')}`;
    const flags = new Set([...code.matchAll(/(?:\],\s*'|flag: ')([a-z]+(?:-[a-z]+)*)'/g)].map(([, flag]) => flag));
    expect(flags.size).toBeGreaterThan(8);
    const cells = firstCells(sectionOf(read('docs/dump.md'), '## Doubts'));
    const documented = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, flag]) => flag));
    const sound = ['complete-dump', 'active-dump', 'kernel-dump', 'user-dump'];
    expect(documented.sort()).toEqual([...flags].filter((flag) => !sound.includes(flag)).sort());
  });

  it('explains each rule of a finding in the page of its command', () => {
    // `rule: cond ? 'a-b' : 'c-d',` in dpc, the first argument of `finding(` in pool.
    const places = [
      { page: 'dpc', heading: '### Findings', folder: 'src/analyses', said: /\brule: ([^\n]*),\n/g },
      { page: 'pool', heading: '## Findings', folder: 'src/analyses/pool', said: /\bfinding\(\s*([^,]*),/g },
      { page: 'errors', heading: '## Findings', folder: 'src/analyses/errors', said: /\brule: (['`][^\n]*),\n/g },
    ];
    for (const { page, heading, folder, said } of places) {
      const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.ts'));
      const expressions = files.flatMap((file) =>
        [...read(`${folder}/${file}`).matchAll(said)].map((match) => match[1]),
      );
      // rule: `message-${kind}`, of the kinds of a change
      const kinds = /^export interface Turn \{\n {2}readonly kind: ([^;]*);/m;
      const turns = [...(kinds.exec(read('src/analyses/errors/changes.ts'))?.[1] ?? '').matchAll(/'(\w+)'/g)];
      const made = expressions.some((text) => text.startsWith('`message-'))
        ? turns.map(([, kind]) => `'message-${kind}'`)
        : [];
      const rules = new Set(
        [...expressions, ...made].flatMap((text) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map((m) => m[1])),
      );
      expect(rules.size).toBeGreaterThan(5);
      const cells = firstCells(sectionOf(read(`docs/${page}.md`), heading));
      const explained = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map((m) => m[1]));
      expect(explained.sort()).toEqual([...rules].sort());
    }
  });

  it('explains each exit code, in README and docs', () => {
    const codes = Object.values(EXIT).map(String);
    expect(firstCells(sectionOf(readme, '## Exit codes')).filter((cell) => /^\d+$/.test(cell))).toEqual(codes);
    const page = unpadded(read('docs/exit-codes.md'));
    for (const [name, code] of Object.entries(EXIT)) expect(page).toContain(`| ${code} | \`${name}\` |`);
  });
});

describe('README', () => {
  it('lists every format that is read, and no other', () => {
    const listed = firstCells(sectionOf(readme, '## What it reads')).flatMap(
      (cell) => cell.match(/^`(.+)`$/)?.[1] ?? [],
    );
    expect(listed.sort()).toEqual([...FORMAT_NAMES].sort());
    for (const name of FORMAT_NAMES) expect(read('docs/formats.md')).toContain(name);
  });

  it('has two lines for a fresh machine; what follows npm ci in them exists', () => {
    const lines = shellLines(readme).filter((line) => line.startsWith('npm ci'));
    expect(lines).toEqual([expect.stringMatching(/^npm ci && node dist\/bin\//), 'npm ci && npm test']);
    const { scripts } = JSON.parse(read('package.json'));
    expect(scripts.prepare).toContain('build');
    for (const document of documents) {
      for (const [, script] of read(document).matchAll(/npm run ([\w-]+)/g)) {
        expect(Object.keys(scripts), `${script} in ${document}`).toContain(script);
      }
    }
    expect(read('.ci/run')).toMatch(/^npm ci\b.*\nnpm test$/m);
  });

  const commands = shellLines(readme)
    .map((line) => line.replace(/^npm ci && node dist\/bin\/tracekit\.js/, 'tracekit'))
    .filter((line) => line.startsWith('tracekit'));

  it.each(commands)('has a line that runs: %s', (line) => {
    const { status, stdout, stderr } = tracekit(...words(line).slice(1));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(100);
  });

  it.each(examplesIn(readme).map((example) => [example.args.join(' '), example] as const))(
    'shows what the command prints: %s',
    (_name, example) => {
      expect(example.block).toBe(exampleBlock(example, tracekit(...example.args).stdout));
    },
  );

  it('has an example that names a driver', () => {
    expect(examplesIn(readme).length).toBeGreaterThan(0);
    expect(examplesIn(readme)[0].block).toContain('dapplecore!Freight_Archive_Execute');
    expect(examplesIn(readme)[1].block).toContain('Wdf01000.sys');
  });

  it('has a library example that runs as it stands', () => {
    const code = /^```js\n([\s\S]*?)^```/m.exec(sectionOf(readme, '## As a library'))?.[1] ?? '';
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: root, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('Wdf01000.sys');
    expect(run.stdout).toContain('### By module');
  });
});

describe('documentation', () => {
  it('has the reference of all tables as they are declared', () => {
    expect(read('docs/table-reference.md')).toBe(tableReference(TABLES));
  });

  it.each(documents)('%s has no dead links', (document) => {
    const dead = [...read(document).matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, link]) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path, anchor] = link.split('#');
        const target = path === '' ? join(root, document) : join(root, dirname(document), path);
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
      });
    expect(dead).toEqual([]);
  });

  it('is found from the README, page by page', () => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path) || !path.endsWith('.md') || !existsSync(path)) return;
      seen.add(path);
      for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\(([^()\s#]+)/g))
        visit(resolve(dirname(path), link));
    };
    visit(join(root, 'README.md'));
    expect(documents.filter((document) => !seen.has(join(root, document)))).toEqual([]);
  });

  it('names no file of the project that is not there', () => {
    const missing = documents.flatMap((document) =>
      [...read(document).matchAll(/`((?:src|parsers|correlate|bin|test|bench|samples|docs)\/[\w./-]*)`/g)]
        .map(([, path]) => path)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${document}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('holds no path of somebody’s machine and no address of a local one', () => {
    const machine = /(?:^|[\s`"'(=])\/(?:[\w.-]+\/)+|[A-Z]:\\Users\\|localhost|127\.0\.0\.1/m;
    const schemas = readdirSync(join(root, 'docs/schema')).map((name) => `docs/schema/${name}`);
    const files = [...documents, ...schemas, 'package.json', 'LICENSE'];
    expect(files.filter((file) => machine.test(read(file)))).toEqual([]);
  });
});

/** Anchors of a Markdown file's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the example parser of docs/adding-a-format.md', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-docs-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('reads what it says it reads, and accounts for the rest', async () => {
    const code = /^```ts\n([\s\S]*?)^```/m.exec(read('docs/adding-a-format.md'))?.[1] ?? '';
    const file = join(dir, 'example-text.ts');
    const src = join(root, 'src').replaceAll('\\', '/');
    writeFileSync(file, code.replaceAll("'../src/", `'${src}/`));
    const { exampleText } = await import(file);
    const { parseWith } = await import('./support/parse.js');
    const { dpcIsr } = await import('../src/tables/dpc-isr.js');
    const bytes = '1500 90 0 example.sys!ExampleDpc\n\nnonsense\n1600 5 1 a.sys!b\n';
    const parsed = await parseWith(exampleText, { bytes });
    expect(parsed.account).toEqual({ unit: 'line', read: 4, rows: 2, skipped: 1, ignored: 1 });
    expect(parsed.rows(dpcIsr)[0]).toMatchObject({
      startUs: 1410,
      durationUs: 90,
      cpu: 0,
      module: 'example.sys',
      line: 1,
    });
    expect(parsed.diagnostics).toMatchObject([{ code: 'damaged-line', count: 1, line: 3 }]);
  });
});

describe('shortening an output', () => {
  it('cuts each part and says so', () => {
    expect(shortened('a\nb\n\nc\nd\ne\n', 2)).toBe('a\nb\n\nc\nd\n[...]');
  });
});
