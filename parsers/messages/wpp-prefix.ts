/** Which prefix a text of tracefmt has. */
import type { HeadLines } from './head-lines.js';
import { Stamp } from './stamp.js';
import { DefaultPrefix } from './wpp-default.js';
import type { WppPrefix } from './wpp-fields.js';
import { patternPrefixes } from './wpp-patterns.js';

/** The prefix that most lines of a head begin with, and how many do. */
export function prefixOf(lines: HeadLines): { prefix: WppPrefix; matches: number } {
  const stamp = new Stamp();
  let best: { prefix: WppPrefix; matches: number } = { prefix: new DefaultPrefix(stamp), matches: 0 };
  for (const prefix of [best.prefix, ...patternPrefixes(stamp)]) {
    let matches = 0;
    for (let i = 0; i < lines.from.length; i++) {
      if (prefix.match(lines.bytes, lines.from[i], lines.end[i])) matches++;
    }
    if (matches > best.matches) best = { prefix, matches };
  }
  return best;
}

/** True where a good part of the lines begin with one of the prefixes. Messages may have lines of their own in between. */
export function isMostlyWpp(lines: HeadLines): boolean {
  const { matches } = prefixOf(lines);
  return matches > 0 && matches * 4 >= lines.from.length;
}
