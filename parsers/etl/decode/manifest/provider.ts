import { damaged } from './damage.js';
import { type Element, grouped, numberOf } from './elements.js';
import type { Localize } from './strings.js';
import { readMaps, readTemplates } from './templates.js';
import type { ManifestEvent, ManifestProvider, Named, TemplateItem } from './types.js';
import { WIN_LEVELS, WIN_OPCODES, WIN_TASKS } from './winmeta.js';

/**
 * A `<provider>` with its events. `isList`: it stands alone, as `wevtutil gp` writes it, which lists events without
 * their templates.
 */
export function readProvider(provider: Element, localize: Localize, isList: boolean): ManifestProvider {
  const guid = guidOf(provider);
  const name = provider.attributes.name || guid;
  const scope = scopeOf(provider, name, localize, isList);
  return {
    guid,
    name,
    symbol: provider.attributes.symbol || null,
    events: grouped(provider, 'events', 'event')
      .map((event) => readEvent(event, scope))
      // `wevtutil` lists the messages of classic event logs too, by 32 bits: no trace has these.
      .filter(({ id }) => id <= 65_535),
  };
}

function guidOf(provider: Element): string {
  const text = provider.attributes.guid ?? '';
  const part = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text.trim());
  if (part === null) throw damaged(provider, `<provider> has no valid guid (guid="${text}")`);
  return part[1].toLowerCase();
}

type Names = ReadonlyMap<string, number>;

interface Scope {
  readonly provider: string;
  readonly localize: Localize;
  /** Null in a list of events that has no templates at all. */
  readonly templates: ReadonlyMap<string, readonly TemplateItem[]> | null;
  readonly levels: Names;
  readonly tasks: Names;
  readonly opcodes: Names;
  /** Opcodes that hold within one task, by that task's name. */
  readonly taskOpcodes: ReadonlyMap<string, Names>;
}

function scopeOf(provider: Element, name: string, localize: Localize, isList: boolean): Scope {
  const tasks = grouped(provider, 'tasks', 'task');
  const templates = readTemplates(provider, readMaps(provider, localize));
  return {
    provider: name,
    localize,
    templates: isList && templates.size === 0 ? null : templates,
    levels: numbered(grouped(provider, 'levels', 'level'), WIN_LEVELS),
    tasks: numbered(tasks, WIN_TASKS),
    opcodes: numbered(grouped(provider, 'opcodes', 'opcode'), WIN_OPCODES),
    taskOpcodes: new Map(
      tasks.map((task) => [task.attributes.name ?? '', numbered(grouped(task, 'opcodes', 'opcode'), new Map())]),
    ),
  };
}

function numbered(elements: readonly Element[], predefined: Names): Names {
  const names = new Map(predefined);
  for (const element of elements) {
    const value = numberOf(element, 'value', 65_535);
    if (element.attributes.name !== undefined && value !== null) names.set(element.attributes.name, value);
  }
  return names;
}

function readEvent(event: Element, scope: Scope): ManifestEvent {
  const id = numberOf(event, 'value', 0xffff_ffff) ?? numberOf(event, 'id', 0xffff_ffff);
  if (id === null) throw damaged(event, '<event> has no value');
  const { task, opcode, level, channel, symbol, keywords, message } = event.attributes;
  return {
    provider: scope.provider,
    id,
    version: numberOf(event, 'version', 255) ?? 0,
    symbol: symbol || null,
    level: namedOf(level, scope.levels),
    opcode: namedOf(opcode, scope.taskOpcodes.get(task ?? '') ?? scope.opcodes, scope.opcodes),
    task: namedOf(task, scope.tasks),
    channel: channel || null,
    keywords: (keywords ?? '').split(/\s+/).filter((keyword) => keyword !== ''),
    items: itemsOf(event, scope),
    message: scope.localize(message),
  };
}

function itemsOf(event: Element, { templates }: Scope): readonly TemplateItem[] | null {
  if (templates === null) return null;
  const { template } = event.attributes;
  if (template === undefined || template === '') return [];
  const items = templates.get(template);
  if (items === undefined) throw damaged(event, `the template "${template}" is not in this file`);
  return items;
}

/** From a name, or from a number as `wevtutil` writes it. What neither table knows keeps its name only. */
function namedOf(text: string | undefined, names: Names, further: Names = names): Named {
  if (text === undefined || text === '') return { value: null, name: null };
  if (!/^[0-9]{1,5}$/.test(text)) return { value: names.get(text) ?? further.get(text) ?? null, name: shown(text) };
  const value = Number(text);
  const found = [...names, ...further].find(([, number]) => number === value);
  return { value, name: found === undefined ? null : shown(found[0]) };
}

const shown = (name: string): string => name.replace(/^win:/, '');
