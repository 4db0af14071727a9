/** Texts of rows, from the block that is read and the one before. */
import type { Block } from '../../src/core/source.js';
import { decodeUtf8 } from '../../src/core/text.js';
import type { Elements } from './elements.js';

const MAX_QUOTE_BYTES = 4096;

/** Text of a row's event, from the current block or from the one before where it begins there. */
export function quoter(block: Block, carried: string): (byte: number) => string {
  return (byte) => {
    const from = Math.max(byte - block.start, 0);
    const text = (byte < block.start ? carried : '') + decodeUtf8(block.bytes, from, cap(block, from));
    const end = text.indexOf('</Event>');
    return text
      .slice(0, end < 0 ? text.length : end + '</Event>'.length)
      .replace(/ xmlns="[^"]*"/g, '')
      .replace(/>\s+</g, '><')
      .trim();
  };
}

const cap = (block: Block, from: number): number => Math.min(block.bytes.length, from + MAX_QUOTE_BYTES);

export function carriedText(elements: Elements, block: Block, carried: string): string {
  const { event } = elements;
  if (event === null) return '';
  if (event.byte < block.start) return carried;
  const from = event.byte - block.start;
  return decodeUtf8(block.bytes, from, cap(block, from));
}
