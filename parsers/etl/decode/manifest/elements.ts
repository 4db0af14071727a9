/** XML as a tree of elements: manifests are small and refer forth and back. */

import { SaxesParser } from 'saxes';
import { decodeText } from '../text-file.js';
import { damaged, type Place } from './damage.js';

export interface Element extends Place {
  /** Without prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: Element[];
}

/** All of Windows' own manifests together are about 60 MB; the largest single one is below 10. */
const MAX_BYTES = 64 << 20;
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 500_000;
const MAX_ATTRIBUTES = 64;
const CHUNK_CHARS = 64 << 10;

/**
 * The root element of an XML file. DTDs are passed over unread and no entity but XML's own five is known, so that
 * nothing in a file can grow. Whatever is not well-formed is a TracekitError with its line and column.
 */
export function readElements(path: string, bytes: Buffer): Element {
  const start = { path, line: 1, column: 1 };
  if (bytes.length > MAX_BYTES) throw damaged(start, `larger than ${MAX_BYTES >> 20} MB`);
  const parser = new SaxesParser();
  const tree = grow(parser, path);
  const text = decodeText(bytes);
  for (let at = 0; at < text.length; at += CHUNK_CHARS) parser.write(text.slice(at, at + CHUNK_CHARS));
  parser.close();
  if (tree.root === null) throw damaged(start, 'no XML element');
  return tree.root;
}

interface Tree {
  root: Element | null;
  count: number;
  readonly open: Element[];
}

function grow(parser: SaxesParser, path: string): Tree {
  const tree: Tree = { root: null, count: 0, open: [] };
  const here = (): Place => ({ path, line: parser.line, column: parser.columnIndex + 1 });
  let begin = here();
  let attributes = 0;
  parser.on('error', (error) => {
    throw damaged(here(), `not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`);
  });
  parser.on('opentagstart', ({ name }) => {
    // The parser stands behind the name and the character after it.
    begin = { path, line: parser.line, column: Math.max(parser.columnIndex - name.length - 1, 1) };
    attributes = 0;
  });
  parser.on('attribute', () => {
    if (++attributes > MAX_ATTRIBUTES) throw damaged(begin, `more than ${MAX_ATTRIBUTES} attributes`);
  });
  parser.on('opentag', (tag) => {
    const element: Element = { ...begin, name: localName(tag.name), attributes: tag.attributes, children: [] };
    if (++tree.count > MAX_ELEMENTS) throw damaged(begin, `more than ${MAX_ELEMENTS} elements`);
    if (tree.open.length >= MAX_DEPTH) throw damaged(begin, `elements nested more than ${MAX_DEPTH} deep`);
    tree.open.at(-1)?.children.push(element);
    tree.root ??= element;
    tree.open.push(element);
  });
  parser.on('closetag', () => {
    tree.open.pop();
  });
  return tree;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The children of that name, of all elements of the name `group` below `parent`: `<tasks><task/></tasks>`. */
export function grouped(parent: Element, group: string, name: string): Element[] {
  return named(parent, group).flatMap((element) => named(element, name));
}

/** The children of that name. */
export function named(parent: Element, name: string): Element[] {
  return parent.children.filter((child) => child.name === name);
}

/** All elements of that name, in the file's order, none within another. */
export function everywhere(root: Element, name: string): Element[] {
  return root.name === name ? [root] : root.children.flatMap((child) => everywhere(child, name));
}

/** A number in decimal or `0x…`; null where there is no such attribute, an error where it is no number up to `max`. */
export function numberOf(element: Element, attribute: string, max: number): number | null {
  const text = element.attributes[attribute]?.trim();
  if (text === undefined || text === '') return null;
  const value = /^(?:0x[0-9a-f]{1,13}|[0-9]{1,15})$/i.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw damaged(element, `${attribute}="${text}" is no number up to ${max}`);
}
