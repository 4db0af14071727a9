/** JSON in pieces: a document may be longer than a string can be. */
import { safeJson } from './text.js';

const INDENT = '  ';
/** Length from which on a piece is handed on, in UTF-16 code units. */
const PIECE = 1 << 16;
/** Lists and objects are opened so deep; what lies deeper is of one element, and small. */
const MAX_DEPTH = 3;

/** `jsonText(value, 2)` in pieces of some 64 K: same text, but never as one string. */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = '';
  for (const part of parts(value, 0)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield safeJson(piece);
    piece = '';
  }
  if (piece !== '') yield safeJson(piece);
}

function* parts(value: unknown, depth: number): Generator<string> {
  const pad = `\n${INDENT.repeat(depth)}`;
  const inner = `${pad}${INDENT}`;
  if (depth < MAX_DEPTH && Array.isArray(value) && value.length > 0) {
    for (let i = 0; i < value.length; i++) {
      yield i === 0 ? `[${inner}` : `,${inner}`;
      yield* parts(value[i] ?? null, depth + 1);
    }
    yield `${pad}]`;
    return;
  }
  if (depth < MAX_DEPTH && isPlain(value)) {
    let opens = '{';
    for (const [key, one] of Object.entries(value)) {
      // As JSON.stringify leaves them out.
      if (one === undefined || typeof one === 'function') continue;
      yield `${opens}${inner}${JSON.stringify(key)}: `;
      yield* parts(one, depth + 1);
      opens = ',';
    }
    yield opens === '{' ? '{}' : `${pad}}`;
    return;
  }
  yield (JSON.stringify(value, null, INDENT) ?? 'null').replaceAll('\n', pad);
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);
