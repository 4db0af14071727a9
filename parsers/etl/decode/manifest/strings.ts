import { type Element, everywhere, grouped } from './elements.js';

/** Puts the strings of a file's string tables into a text; null where one is missing, for half a text misleads. */
export type Localize = (text: string | undefined) => string | null;

const REFERENCE = /\$\(string\.([^)]{1,512})\)/g;

/**
 * `$(string.Task.Start)` of a message attribute, from `<localization><resources><stringTable>`. Of several cultures
 * English comes first, for the other names in a manifest are English; else the file's first.
 */
export function localizer(root: Element): Localize {
  const strings = new Map<string, string>();
  for (const resources of everywhere(root, 'resources').sort(englishFirst)) {
    for (const { attributes } of grouped(resources, 'stringTable', 'string')) {
      const { id, value } = attributes;
      if (id !== undefined && value !== undefined && !strings.has(id)) strings.set(id, value);
    }
  }
  return (text) => (text === undefined || text === '' ? null : withStrings(text, strings));
}

function withStrings(text: string, strings: ReadonlyMap<string, string>): string | null {
  let isWhole = !text.includes('$(mc.');
  const whole = text.replace(REFERENCE, (_, id: string) => {
    const value = strings.get(id);
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? whole : null;
}

const isEnglish = (resources: Element): boolean => /^en\b/i.test(resources.attributes.culture ?? '');

const englishFirst = (a: Element, b: Element): number => Number(isEnglish(b)) - Number(isEnglish(a));
