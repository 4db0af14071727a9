/** Trace message format files that a user hands over, and the WPP messages that they describe. */

import { readMessages } from './tmf/read.js';
import type { TmfMessage } from './tmf/types.js';

export { type DecodedTmf, decodeTmf, type PrefixParts } from './tmf/decode.js';
export type { TmfMessage } from './tmf/types.js';

export interface TmfIndex {
  readonly messages: number;
  /** Messages that an earlier file, or the same one, describes already: the first is used. */
  readonly duplicates: number;
  /** The message of that GUID (lower case, without braces) and number. */
  find(guid: string, messageNumber: number): TmfMessage | null;
}

/** Reads the files; one that is none, or is damaged, is a TracekitError that names file, line and remedy. */
export function readTmf(files: readonly { readonly path: string; readonly bytes: Buffer }[]): TmfIndex {
  const byGuid = new Map<string, Map<number, TmfMessage>>();
  let messages = 0;
  let duplicates = 0;
  for (const { path, bytes } of files) {
    for (const message of readMessages(path, bytes)) {
      const known = byGuid.get(message.guid) ?? new Map<number, TmfMessage>();
      byGuid.set(message.guid, known);
      if (known.has(message.number)) duplicates++;
      else {
        known.set(message.number, message);
        messages++;
      }
    }
  }
  return { messages, duplicates, find: (guid, messageNumber) => byGuid.get(guid)?.get(messageNumber) ?? null };
}
