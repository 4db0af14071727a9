import { damaged } from './damage.js';
import { type Element, grouped, named, numberOf } from './elements.js';
import type { Localize } from './strings.js';
import type { Size, TemplateItem, ValueMap } from './types.js';

/** `<maps>` of a provider, by name. An entry without text is left out. */
export function readMaps(provider: Element, localize: Localize): ReadonlyMap<string, ValueMap> {
  const maps = new Map<string, ValueMap>();
  for (const kind of ['value', 'bit'] as const) {
    for (const map of grouped(provider, 'maps', `${kind}Map`)) {
      const { name } = map.attributes;
      if (name !== undefined && !maps.has(name)) maps.set(name, { kind, texts: textsOf(map, localize) });
    }
  }
  return maps;
}

function textsOf(map: Element, localize: Localize): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const entry of named(map, 'map')) {
    const value = numberOf(entry, 'value', Number.MAX_SAFE_INTEGER);
    const text = localize(entry.attributes.message)?.trim() || entry.attributes.symbol;
    if (value !== null && text !== undefined && !texts.has(value)) texts.set(value, text);
  }
  return texts;
}

/** `<templates>` of a provider, by `tid`. */
export function readTemplates(
  provider: Element,
  maps: ReadonlyMap<string, ValueMap>,
): ReadonlyMap<string, readonly TemplateItem[]> {
  const templates = new Map<string, readonly TemplateItem[]>();
  for (const template of grouped(provider, 'templates', 'template')) {
    const { tid } = template.attributes;
    if (tid !== undefined && !templates.has(tid)) templates.set(tid, itemsOf(template, maps));
  }
  return templates;
}

/**
 * The items of a template or struct in their order. A name that comes twice gets a number, `Value` and `Value_2`;
 * lengths and counts refer to the first of the name.
 */
function itemsOf(parent: Element, maps: ReadonlyMap<string, ValueMap>): readonly TemplateItem[] {
  const items: TemplateItem[] = [];
  const seen = new Map<string, number>();
  for (const child of parent.children) {
    if (child.name !== 'data' && child.name !== 'struct') continue;
    const spelled = child.attributes.name || `field${items.length + 1}`;
    const times = (seen.get(spelled) ?? 0) + 1;
    seen.set(spelled, times);
    const name = times === 1 ? spelled : `${spelled}_${times}`;
    if (child.name === 'struct') {
      items.push({ kind: 'struct', name, count: sizeOf(child, 'count'), items: itemsOf(child, maps) });
    } else items.push(dataItem(child, name, maps));
  }
  return items;
}

function dataItem(data: Element, name: string, maps: ReadonlyMap<string, ValueMap>): TemplateItem {
  const { inType, outType, map } = data.attributes;
  if (inType === undefined) throw damaged(data, `<data name="${name}"> has no inType`);
  if (map !== undefined && !maps.has(map)) throw damaged(data, `the map "${map}" is not in this file`);
  return {
    kind: 'data',
    name,
    inType: typeName(inType),
    outType: outType === undefined ? null : typeName(outType),
    map: maps.get(map ?? '') ?? null,
    length: sizeOf(data, 'length'),
    count: sizeOf(data, 'count'),
  };
}

const typeName = (type: string): string => type.slice(type.indexOf(':') + 1).toLowerCase();

/** A number, or what must be the name of an item: names of items do not begin with a digit. */
function sizeOf(element: Element, attribute: 'length' | 'count'): Size {
  const text = element.attributes[attribute]?.trim();
  if (text === undefined || text === '') return null;
  return /^[0-9]/.test(text) ? numberOf(element, attribute, 65_535) : text;
}
