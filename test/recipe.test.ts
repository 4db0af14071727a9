import { Command, CommanderError } from 'commander';
import { SaxesParser } from 'saxes';
import { describe, expect, it, vi } from 'vitest';
import { recipeCommand } from '../bin/commands/recipe.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import { DPC_WPRP } from '../src/recipes/dpc.js';
import { dumpScript } from '../src/recipes/dump.js';
import { ERRORS_WPRP, errorsRecipe } from '../src/recipes/errors.js';
import { RECIPES, recipeText } from '../src/recipes/index.js';
import { poolProfile, poolRecipe, poolRecipeFor, tagDword } from '../src/recipes/pool.js';

/** Element names with one attribute, in document order; throws where the XML is not well-formed. */
function elements(xml: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => found.push({ name: tag.name, attributes: tag.attributes as Record<string, string> }));
  parser.write(xml).close();
  return found;
}

/** Tools that a command may begin with. */
const TOOLS = {
  prompt:
    'mkdir where winget set dir cmd Set-Content wpr wpa wpaexporter xperf tracerpt tracekit poolmon typeperf findstr verifier ' +
    'reg copy ren kd cdb procdump livekd notmyfaultc64 logman tracelog tracepdb tracefmt wevtutil dbgview w32tm',
  debugger:
    '.logopen .logclose !vm !poolused !verifier !for_each_module ed bp g eb dc bc $$<C:\\trace\\collect.txt .dump .symfix+ ' +
    '.reload !thread .thread .process !process !cs !lpc !alpc !irp !devstack !locks kv !wmitrace.strdump !wmitrace.logsave ' +
    '!wmitrace.searchpath !wmitrace.logdump',
};

describe.each(RECIPES.map((recipe) => [recipe.name, recipe] as const))('recipe %s', (_name, recipe) => {
  const commands = recipe.steps.flatMap((step) => step.commands);

  it('has a title, a question, and steps with reasons and commands', () => {
    expect(recipe.title).not.toBe('');
    expect(recipe.question).not.toBe('');
    expect(recipe.steps.length).toBeGreaterThan(0);
    for (const step of recipe.steps) {
      expect(step.heading.trim()).not.toBe('');
      expect(step.why.trim()).not.toBe('');
      expect(step.commands.length).toBeGreaterThan(0);
    }
  });

  it('has no empty command line and none that begins with an unknown tool', () => {
    for (const step of recipe.steps) {
      const tools = TOOLS[step.shell === 'debugger' ? 'debugger' : 'prompt'].split(' ');
      for (const command of step.commands) {
        for (const line of command.split('\n')) expect(line.trim()).not.toBe('');
        expect(tools).toContain(command.split(' ')[0]);
      }
    }
  });

  it('leaves nothing to be filled in', () => {
    for (const command of commands.filter((c) => !c.startsWith('Set-Content'))) {
      // A script of the debugger is run by `$$<`; what wevtutil prints goes into a file by `>`.
      expect(command.replace('$$<C:', '').replace(/ > (?=C:\\)/, ' ')).not.toMatch(/[<>{}…]|\.\.\.|TODO|\bxxx\b/i);
    }
  });

  it('closes every quote', () => {
    for (const command of commands) {
      expect(command.split('"').length % 2, command).toBe(1);
      expect(command.split("'").length % 2, command).toBe(1);
    }
  });

  it('prints as ASCII, its prose within 80 columns, its commands whole', () => {
    const text = recipeText(recipe);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    const typed = new Set(commands.flatMap((command) => command.split('\n').map((line) => `      ${line}`)));
    for (const line of text.split('\n')) if (!typed.has(line)) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const line of typed) expect(text.split('\n')).toContain(line);
  });

  it('loses no word of its prose in wrapping', () => {
    const squeezed = recipeText(recipe).replace(/\s+/g, ' ');
    for (const prose of [recipe.question, ...recipe.notes, ...recipe.steps.map((step) => step.why)]) {
      expect(squeezed).toContain(prose);
    }
  });
});

describe('recipe dpc', () => {
  const dpc = RECIPES.find(({ name }) => name === 'dpc')!;
  const commands = dpc.steps.flatMap((step) => step.commands);

  it('reads only traces and exports that an earlier command writes', () => {
    const written = new Set<string>();
    for (const command of commands) {
      const read = /^(?:tracekit (?:dpc|info|events)|tracerpt|xperf -i|wpaexporter -i) (\S+)/.exec(command)?.[1];
      if (read !== undefined) expect(written, command).toContain(read);
      for (const option of ['-o', '-d', '-stop', '-f', '-merge \\S+']) {
        const target = new RegExp(`\\s${option} (C:\\S+)`).exec(command)?.[1];
        if (target !== undefined) written.add(target);
      }
    }
    expect(written.size).toBeGreaterThan(4);
  });

  it('refers to steps by the right numbers', () => {
    const headings = [1, 2, 3, 8, 9].map((number) => dpc.steps[number - 1].heading);
    expect(headings.join('; ')).toBe(
      'See which tools are there; Save a recording profile for wpr; ' +
        'Record with wpr while the trouble can be provoked; ' +
        'Read the answer from the trace itself; For names of functions: export with xperf',
    );
    expect(dpc.question).toContain('Steps 1, 2, 3 and 8 are');
    expect(dpc.question).toContain('step 9');
  });

  it('contains the recording profile between single quotes', () => {
    expect(commands.some((command) => command.includes(`'${DPC_WPRP}'`))).toBe(true);
    expect(DPC_WPRP).not.toContain("'");
    expect(DPC_WPRP.startsWith('<?xml ')).toBe(true);
  });

  it('has a well-formed recording profile with both logging modes', () => {
    const tags = elements(DPC_WPRP);
    const values = (name: string, attribute: string) =>
      tags.filter((tag) => tag.name === name).map((tag) => tag.attributes[attribute]);
    expect(tags[0].name).toBe('WindowsPerformanceRecorder');
    expect(values('Profile', 'Id')).toEqual(['Dpc.Verbose.File', 'Dpc.Verbose.Memory']);
    expect(values('Profile', 'LoggingMode')).toEqual(['File', 'Memory']);
    expect(new Set(values('Profile', 'Name'))).toEqual(new Set(['Dpc']));
    expect(values('Keyword', 'Value')).toEqual(expect.arrayContaining(['DPC', 'Interrupt', 'Loader', 'ProcessThread']));
    expect(values('SystemCollector', 'Id')).toEqual(expect.arrayContaining(values('SystemCollectorId', 'Value')));
    expect(values('SystemProvider', 'Id')).toEqual(expect.arrayContaining(values('SystemProviderId', 'Value')));
  });

  it('would notice XML that is not well-formed', () => {
    expect(() => elements(DPC_WPRP.replace('</Profiles>', ''))).toThrow();
  });
});

describe('recipe pool', () => {
  const commandsOf = (tag: string | null) => poolRecipeFor(tag).steps.flatMap((step) => step.commands);
  const commands = commandsOf('Leak');

  it('is the one that is listed, with an example in place of the tag', () => {
    expect(RECIPES).toContain(poolRecipe);
    expect(poolRecipe.question).toContain('Leak stands for your tag');
    expect(poolRecipeFor('Leak').question).not.toContain('stands for');
    expect(commandsOf(null)).toEqual(commands);
  });

  it('refers to steps by the right numbers', () => {
    const headings = [3, 4, 5, 8].map((number) => poolRecipe.steps[number - 1].heading);
    expect(headings).toEqual([
      'See which tag grows',
      'Save a recording profile for that tag',
      'Record with wpr',
      'Read the answer',
    ]);
    expect(poolRecipe.question).toContain('Steps 3, 4, 5 and 8 are');
    expect(recipeText(poolRecipeFor('%a')).replace(/\s+/g, ' ')).toContain('the profile of step 4 records this one');
  });

  it('reads only traces and exports that an earlier command writes', () => {
    const written = new Set<string>();
    for (const command of commands) {
      const read = /^(?:tracekit \w+|xperf -i) (.+)/.exec(command)?.[1].match(/C:\S+/g) ?? [];
      const first = command.startsWith('xperf') ? read.slice(0, 1) : read;
      for (const path of first) expect(written, command).toContain(path);
      for (const option of ['-o', '-d', '-stop', '-f', '>>']) {
        for (const [, path] of command.matchAll(new RegExp(`\\s${option} ?(C:\\S+)`, 'g'))) written.add(path);
      }
    }
    expect(written.size).toBeGreaterThan(4);
  });

  it('records one tag', () => {
    expect(commands.find((c) => c.startsWith('xperf -on'))).toBe(
      'xperf -on PROC_THREAD+LOADER+POOL -stackwalk PoolAlloc+PoolFree+PoolAllocSession+PoolFreeSession -PoolTag Leak ' +
        '-BufferSize 1024 -MinBuffers 256 -MaxBuffers 1024 -MaxFile 2048 -FileMode Circular -f C:\\trace\\pool-kernel.etl',
    );
    expect(commands).toContain('ed nt!PoolHitTag 6b61654c');
    expect(commands).toContain('!for_each_module s -a @#Base @#End "Leak"');
    expect(commands).toContain('findstr /m /l Leak C:\\Windows\\System32\\drivers\\*.sys');
    expect(commands.some((command) => command.includes(`'${poolProfile('Leak')}'`))).toBe(true);
  });

  it.each([
    ['Leak', '6b61654c'],
    ['Io', '20206f49'],
    ['  LS', '534c2020'],
  ])('gives the dword of %j', (tag, dword) => expect(tagDword(tag)).toBe(dword));

  it.each(['Io  ', 'a&b', 'a"b', '%a%', "it's", '<x>', 'a+b', '\\\\', '^', '!x', '|', 'a b', ';', '$a`b'])(
    'keeps commands whole with the tag %j',
    (tag) => {
      const lengths = (of: string) => poolRecipeFor(of).steps.map((step) => step.commands.length);
      expect(lengths(tag)).toEqual(lengths('Leak'));
      for (const command of commandsOf(tag)) {
        expect(command.split('"').length % 2, command).toBe(1);
        expect(command.split("'").length % 2, command).toBe(1);
      }
      expect(recipeText(poolRecipeFor(tag))).toMatch(/^[\x20-\x7e\n]*$/);
      const filter = commandsOf(tag).find((c) => c.startsWith('xperf -on'));
      if (/["%+^\\!']/.test(tag)) expect(filter).not.toContain('-PoolTag');
      else expect(filter).toContain(`-PoolTag "${tag}" `);
    },
  );

  it.each([null, 'Leak', '<&">', "'a' ", 'Io  '])('has a well-formed recording profile for the tag %j', (tag) => {
    const profile = poolProfile(tag);
    const tags = elements(profile);
    const values = (name: string, attribute = 'Value') =>
      tags.filter((t) => t.name === name).map((t) => t.attributes[attribute]);
    expect(values('PoolTag')).toEqual(tag === null ? [] : [tag]);
    expect(values('PoolTags', 'Operation')).toHaveLength(tag === null ? 0 : 1);
    expect(values('Keyword')).toEqual(['ProcessThread', 'Loader', 'Pool']);
    expect(values('Stack')).toEqual(['PoolAllocation', 'PoolAllocationSession', 'PoolFree', 'PoolFreeSession']);
    expect(values('Profile', 'Id')).toEqual(['TracekitPool.Verbose.File', 'TracekitPool.Verbose.Memory']);
    expect(values('Profile', 'LoggingMode')).toEqual(['File', 'Memory']);
    expect(values('SystemCollector', 'Id')).toEqual(expect.arrayContaining(values('SystemCollectorId')));
    expect(values('SystemProvider', 'Id')).toEqual(expect.arrayContaining(values('SystemProviderId')));
    expect(profile).not.toMatch(/'|\n\s*\n/);
  });
});

describe('recipe errors', () => {
  const { steps, question } = errorsRecipe;
  const commands = steps.flatMap((step) => step.commands);

  it('refers to steps by the right numbers', () => {
    const headings = [2, 3, 6, 8].map((number) => steps[number - 1].heading);
    expect(headings).toEqual([
      'First look into the event log',
      'Record a provider that is known by name, with logman',
      'Or: record the WPP messages of a driver, with tracelog',
      'Read the answer',
    ]);
    expect(question).toContain('steps 3 to 6 need');
    expect(question).toContain('Begin with step 2; steps 3 and 8 are');
    expect(steps[6].heading).toContain('get the texts');
    expect(steps[5].why).toContain('the next step gets them');
  });

  it('reads only what an earlier command writes, or what stands for a file of the user', () => {
    const written = new Set(['C:\\trace\\driver.pdb', 'C:\\trace\\good.etl', 'C:\\trace\\citrix.csv']);
    for (const command of commands) {
      if (/^(?:tracekit|tracerpt|tracefmt|!wmitrace\.searchpath)/.test(command)) {
        const read = command.replace(/ -o \S+/, '').match(/C:\\trace\\[\w.]+/g) ?? [];
        for (const path of read) expect(written, command).toContain(path);
      }
      for (const [, path] of command.matchAll(/(?: -o | -f | > |-stop |\/l | -p |^\.logopen )(C:\\trace\\[\w.]+)/g)) {
        written.add(path);
      }
    }
    expect(written.size).toBeGreaterThan(8);
  });

  it('names only options that tracekit errors has', () => {
    const options = new Set(
      commands.filter((c) => c.startsWith('tracekit errors')).flatMap((c) => c.match(/--[\w-]+/g) ?? []),
    );
    const known = ['--by', '--diff', '--level', '--period', '--tmf', '--view', '--window'];
    expect([...options].sort()).toEqual(known);
  });

  it('has a well-formed recording profile of one provider, with both logging modes', () => {
    const tags = elements(ERRORS_WPRP);
    const values = (name: string, attribute: string) =>
      tags.filter((tag) => tag.name === name).map((tag) => tag.attributes[attribute]);
    expect(values('Profile', 'LoggingMode')).toEqual(['File', 'Memory']);
    expect(values('Profile', 'Id')).toEqual(['Soft.Verbose.File', 'Soft.Verbose.Memory']);
    expect(values('Profile', 'Base')).toEqual([undefined, 'Soft.Verbose.File']);
    expect(values('EventProvider', 'Name')).toEqual(['*Contoso-Store']);
    expect(values('EventCollectorId', 'Value')).toEqual(values('EventCollector', 'Id'));
    expect(values('EventProviderId', 'Value')).toEqual(values('EventProvider', 'Id'));
    expect(ERRORS_WPRP).not.toMatch(/'|\n\s*\n/);
    expect(commands.some((command) => command.includes(`'${ERRORS_WPRP}'`))).toBe(true);
  });
});

describe('recipe dump', () => {
  const dump = RECIPES.find(({ name }) => name === 'dump')!;
  const commands = dump.steps.flatMap((step) => step.commands);

  it('refers to steps by the right numbers', () => {
    const headings = [4, 6, 8, 9, 10, 12].map((number) => dump.steps[number - 1].heading);
    expect(headings).toEqual([
      'While it hangs: stop the system',
      'Or: a dump of one program that hangs',
      'Write the scripts for the debugger',
      'Run the script on a kernel dump',
      'Or: run the script on the dump of a program',
      'Read the answer',
    ]);
    expect(dump.question).toContain('steps 4, 8, 9 and 12 are');
    expect(dump.question).toContain('steps 6, 8, 10 and 12.');
  });

  it('reads only what an earlier command writes, or what stands for a file of the user', () => {
    const written = new Set<string>();
    const logs: Record<string, string> = { dump_: 'C:\\trace\\dump.log', user_: 'C:\\trace\\user.log' };
    for (const command of commands) {
      const paths = command.match(/C:\\trace\\[\w.*]+/g) ?? [];
      const writes = /^(?:livekd|procdump|\.dump|\.logopen|copy|!wmitrace\.logsave)|--output|-logo/.test(command);
      if (writes) written.add(paths.at(command.startsWith('kd') ? 0 : -1) ?? '');
      if (command.startsWith('ren ')) written.add(logs[/\\(\w+)\*/.exec(command)![1]]);
      if (/^(?:tracekit|kd|cdb|\$\$<)/.test(command))
        for (const path of paths) expect(written, command).toContain(path);
    }
    expect(written.size).toBeGreaterThan(8);
  });

  it('names the logs that the scripts write', () => {
    for (const [kind, name] of [
      ['kernel', 'dump'],
      ['user', 'user'],
    ] as const) {
      expect(dumpScript(kind)).toContain(`\n.logopen /t C:\\trace\\${name}.log\n`);
      expect(commands).toContain(`ren C:\\trace\\${name}_*.log ${name}.log`);
    }
  });
});

describe('the command', () => {
  /** What `tracekit recipe` prints for some arguments. */
  async function printed(...args: string[]): Promise<string> {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    recipeCommand(program);
    const parts: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
      parts.push(String(chunk));
      for (const done of rest) if (typeof done === 'function') done();
      return true;
    });
    try {
      await program.parseAsync(['recipe', ...args], { from: 'user' });
    } finally {
      write.mockRestore();
    }
    return parts.join('');
  }

  it('prints recipes as they are', async () => {
    for (const recipe of RECIPES) expect((await printed(recipe.name)).trimEnd()).toBe(recipeText(recipe).trimEnd());
  });

  it('puts the tag in, letter case as given, and prints the profile alone', async () => {
    expect(await printed('pool', '--tag', 'lEAK')).toContain('-PoolTag lEAK ');
    expect((await printed('pool', '--tag', 'lEAK', '--wprp')).trimEnd()).toBe(poolProfile('lEAK'));
    expect((await printed('pool', '--wprp')).trimEnd()).toBe(poolProfile(null));
  });

  it.each([
    ['pool', '--tag', ''],
    ['pool', '--tag', '    '],
    ['pool', '--tag', 'Leaky'],
    ['pool', '--tag', 'L\u00e4k'],
    ['pool', '--tag', 'a\tb'],
    ['dpc', '--tag', 'Leak'],
    ['dpc', '--wprp'],
  ])('refuses %s %s %j', async (...args) => {
    const error = await printed(...args).catch((thrown: unknown) => thrown);
    // Of these bin/tracekit.ts makes the exit code 2.
    if (error instanceof TracekitError) expect(error.exitCode).toBe(EXIT.usage);
    else expect(error).toBeInstanceOf(CommanderError);
  });
});
