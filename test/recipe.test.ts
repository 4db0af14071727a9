import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { DPC_WPRP } from '../src/recipes/dpc.js';
import { RECIPES, recipeText } from '../src/recipes/index.js';

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
const TOOLS = 'mkdir where winget set dir Set-Content wpr wpa wpaexporter xperf tracerpt tracekit'.split(' ');

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
    for (const command of commands) {
      for (const line of command.split('\n')) expect(line.trim()).not.toBe('');
      expect(TOOLS).toContain(command.split(' ')[0]);
    }
  });

  it('leaves nothing to be filled in', () => {
    for (const command of commands.filter((c) => !c.startsWith('Set-Content'))) {
      expect(command).not.toMatch(/[<>{}…]|\.\.\.|TODO|\bxxx\b/i);
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
