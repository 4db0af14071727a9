/** The debugger script of `tracekit dump --script`: nobody can try it here, so its form is held fast. */
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../parsers/kd/commands.js';
import { announcedIn, typedIn } from '../parsers/kd/prompt.js';
import { kd } from '../parsers/kd.js';
import { type DumpScriptKind, dumpScript } from '../src/recipes/dump-script.js';
import { dumpThread } from '../src/tables/dump-thread.js';
import { addsUp } from './support/damage.js';
import { parseWith } from './support/parse.js';

const KINDS: readonly DumpScriptKind[] = ['kernel', 'user'];

const linesOf = (kind: DumpScriptKind): string[] => dumpScript(kind).split('\n').slice(0, -1);
const isRemark = (line: string): boolean => line.startsWith('$$');
const codeOf = (kind: DumpScriptKind): string[] => linesOf(kind).filter((line) => !isRemark(line));

/** First words of all commands, those within blocks and quotes too. */
const wordsOf = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => !line.startsWith('.echo '))
    .flatMap((line) => line.split(/[;{}"()]/))
    .map((command) => command.trim().split(/\s+/)[0])
    .filter((word) => word !== '');

/** Words that would change the target, let it run, start programs or write files other than the log. */
const FORBIDDEN = new Set(
  (
    'a e ea eb ed ef ep eq eu ew eza ezu f fp m g gc gh gn gu p pa pc ph pt t ta tb tc th tt wt q qd qq bp bu bm ba ob od ow ' +
    'wrmsr .reboot .crash .kill .detach .restart .abandon .attach .create .pagein .breakin .dump .dumpcab .writemem .readmem ' +
    '.shell .call .settings .sleep .wtitle !gflag !bpid'
  ).split(' '),
);

describe.each(KINDS)('the script for a %s dump', (kind) => {
  it('is as it was', () => expect(dumpScript(kind)).toMatchFileSnapshot(`snapshots/dump-script-${kind}.txt`));

  it('is ASCII in lines of less than 120 columns that end with LF, none of them blank', () => {
    const text = dumpScript(kind);
    expect(text).toMatch(/^[\x20-\x7e\n]*\n$/);
    for (const line of linesOf(kind)) {
      expect(line.trim()).not.toBe('');
      expect(line.length, line).toBeLessThan(120);
      expect(line.endsWith(' '), line).toBe(false);
    }
  });

  it('closes on each line what it opens there, so that each line can be typed', () => {
    for (const line of codeOf(kind)) {
      const open: string[] = [];
      for (const character of line) {
        if ('{('.includes(character)) open.push(character);
        if (character === '}') expect(open.pop(), line).toBe('{');
        if (character === ')') expect(open.pop(), line).toBe('(');
      }
      expect(open, line).toEqual([]);
      expect(line.split('"').length % 2, line).toBe(1);
    }
  });

  it('has remarks that nothing ends before their line does', () => {
    for (const line of linesOf(kind).filter(isRemark)) {
      expect(line).toMatch(/^\$\$ [^;{}]+$/);
    }
    expect(codeOf(kind).filter((line) => line.startsWith('*'))).toEqual([]);
  });

  it('announces each section with its number and what it is for, in order', () => {
    const lines = linesOf(kind);
    const announced = lines.filter((line) => line.startsWith('.echo tracekit ') && line !== '.echo tracekit end');
    expect(announced.length).toBeGreaterThan(15);
    announced.forEach((line, index) => {
      const [, number, command] = /^\.echo tracekit (\d+\/\d+) (\S[^;{}"]*)$/.exec(line) ?? [];
      expect(number).toBe(`${index + 1}/${announced.length}`);
      const at = lines.indexOf(line);
      const use = lines.slice(0, at).findLast((before) => /^\$\$ \S/.test(before));
      expect(use?.startsWith(`$$ ${command}: `), line).toBe(true);
    });
    // Nothing runs before its announcement, but the log and the length of stacks.
    const first = lines.indexOf(announced[0]);
    expect(lines.slice(0, first).filter((line) => !isRemark(line))).toEqual([
      expect.stringMatching(/^\.logopen \/t C:\\trace\\\w+\.log$/),
      '.kframes 100',
    ]);
    expect(lines.slice(-2)).toEqual(['.echo tracekit end', '.logclose']);
  });

  it('says of each section what is read, or that nothing is', () => {
    let isRead = false;
    for (const line of linesOf(kind).toReversed()) {
      if (/^\$\$ \S.*: /.test(line) && !/^\$\$ (?:In|From|Set|To) /.test(line)) {
        expect(isRead, line).toBe(!line.includes('for the reader of the log'));
        isRead = false;
      } else if (!isRemark(line) && !line.startsWith('.echo')) {
        isRead ||= typedIn(line).some((typed) => COMMANDS.some((command) => command.isTyped(typed)));
      }
    }
  });

  it('runs nothing that may fail outside of .catch', () => {
    for (const line of codeOf(kind)) {
      if (/^\.(?:echo|logopen|logclose|kframes) ?/.test(line)) continue;
      if (/^r \$t\d = \d$/.test(line)) continue;
      expect(line).toMatch(/^\.catch \{ .* \}$/);
    }
  });

  it('changes nothing in the target, does not let it run, and starts nothing', () => {
    const isForbidden = (word: string) => FORBIDDEN.has(word);
    expect(wordsOf(codeOf(kind)).filter(isForbidden)).toEqual([]);
    expect(
      wordsOf(['.catch { .if (1) { ed 1 2 } }', '.catch { !for_each_process "k; g" }']).filter(isForbidden),
    ).toEqual(['ed', 'g']);
    for (const line of codeOf(kind)) expect(line).not.toMatch(/\.process \/i|!chkimg .*-f\b|>|[;{] ?r (?!\$t\d = )/);
  });

  it('uses no variable of the debugger that it has not set', () => {
    const set = new Set<string>(['@$tpid']);
    for (const line of codeOf(kind)) {
      for (const [, name] of line.matchAll(/\br (\$t\d) = /g)) set.add(`@${name}`);
      for (const [name] of line.matchAll(/@\$\w+/g)) expect(set, line).toContain(name);
    }
  });
});

describe('the kernel script', () => {
  const order = codeOf('kernel')
    .filter((line) => line.startsWith('.echo tracekit '))
    .map((line) => line.replace(/^\.echo tracekit \S+ /, ''));
  const at = (command: string): number => {
    expect(order).toContain(command);
    return order.indexOf(command);
  };

  it('does the quick and sure first, and the long and doubtful last', () => {
    const inOrder = ['vertarget', '.bugcheck', '!locks', '!process 0 0', '!analyze -v', '!stacks 2', '!process 0 37'];
    expect(inOrder.map(at)).toEqual(inOrder.map(at).sort((a, b) => a - b));
    for (const late of ['!irpfind', '!ndiskd.pendingnbls', '!cs -l -o -s', '!chkimg -lo 50 -d']) {
      expect(at(late)).toBeGreaterThan(at('!process 0 37'));
    }
  });

  it('shows arguments on stacks, and user stacks in their process', () => {
    const flags = Number.parseInt(
      /!process 0 (\w+) \}/.exec(
        codeOf('kernel')
          .filter((l) => l.includes('37'))
          .join(),
      )![1],
      16,
    );
    expect(flags & 0x17).toBe(0x17);
    expect(flags & 0x8).toBe(0);
  });
});

it('reads RPC cells of a live process only: they are of the machine that the debugger runs on', () => {
  for (const line of codeOf('user').filter((l) => l.includes('rpcexts.'))) {
    expect(line).toMatch(/^\.catch \{ \.if \(@\$t0\) \{/);
  }
  expect(dumpScript('kernel')).not.toContain('rpcexts');
});

describe('the log of a script', () => {
  it.each([
    ['.catch { !locks }', ['!locks']],
    ['.catch { .ecxr; kv 100 }', ['.ecxr', 'kv']],
    ['.catch { .if (@$t0) { !rpcexts.getcallinfo } }', ['!getcallinfo']],
    ['.foreach (cpu { .printf "%d ", 1 }) { !pcr cpu }', ['!pcr']],
    ['!for_each_process ".process /r /p @#Process; !cs -l"', ['!for_each_process']],
    ['dx @$a.Select(t => new { b = 1 })', ['dx']],
  ])('shows what blocks run: %s', (line, names) => expect(typedIn(line).map(({ name }) => name)).toEqual(names));

  it.each([
    ['tracekit 12/39 !locks', '!locks'],
    ['tracekit end', 'end'],
    ['tracekit', null],
    ['tracekit.exe 00400000', null],
  ])('announces commands: %s', (line, command) => expect(announcedIn(line)).toBe(command));

  const output = `THREAD 8a1b2c30  Cid 0004.0008  Teb: 00000000 Win32Thread: 00000000 WAIT: (Executive) KernelMode Non-Alertable
    8a1b2d10  NotificationEvent
`;

  it.each([
    ['line by line', `0: kd> .echo tracekit 1/2 !thread\ntracekit 1/2 !thread\n0: kd> .catch { !thread }\n${output}`],
    ['as one block, without prompts', `tracekit 1/2 !thread\n${output}`],
  ])('is read when the script runs %s', async (_how, head) => {
    const parsed = await parseWith(kd, { bytes: `${head}tracekit 2/2 !nosuch\nwhat no reader knows\ntracekit end\n` });
    expect(parsed.rows(dumpThread)).toMatchObject([{ address: 0x8a1b2c30n, pid: 4, tid: 8, waitReason: 'Executive' }]);
    expect(parsed.diagnostics).toMatchObject([{ code: 'unread-commands', examples: ['!nosuch'] }]);
    expect(addsUp(parsed)).toBe(true);
  });
});
