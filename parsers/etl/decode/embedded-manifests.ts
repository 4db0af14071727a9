/**
 * Manifests that .NET EventSource providers log themselves, as events 0xFFFE ("ManifestData"): u8 format (1), u8 major and
 * u8 minor version, u8 magic (0x5B), u16 chunks in all, u16 number of this one, then UTF-8 XML. Verified in two real files.
 */
import type { Reader } from '../../../src/core/reader.js';

export const MANIFEST_EVENT = 0xfffe;
const FORMAT = 1;
const MAGIC = 0x5b;
/** EventSource's own limit: 256 chunks of 65,280 bytes. */
const MAX_CHUNKS = 256;
/** All manifests of a log together. */
const MAX_BYTES = 32 << 20;

export class EmbeddedManifests {
  readonly #byProvider = new Map<string, (Buffer | undefined)[]>();
  #bytes = 0;

  /** Takes the payload of a manifest event. A provider may log its manifest again: the first counts. */
  take(provider: string, payload: Reader): void {
    const format = payload.u8();
    payload.skip(2);
    const magic = payload.u8();
    const chunks = payload.u16();
    const number = payload.u16();
    if (payload.short || format !== FORMAT || magic !== MAGIC || chunks > MAX_CHUNKS || number >= chunks) return;
    const known = this.#byProvider.get(provider) ?? new Array(chunks).fill(undefined);
    if (known.length !== chunks || known[number] !== undefined || this.#bytes + payload.left > MAX_BYTES) return;
    this.#bytes += payload.left;
    known[number] = Buffer.from(payload.take(payload.left));
    this.#byProvider.set(provider, known);
  }

  /** Those of which no chunk is missing. */
  list(): { readonly provider: string; readonly bytes: Buffer }[] {
    return [...this.#byProvider].flatMap(([provider, chunks]) =>
      chunks.every((chunk) => chunk !== undefined) ? [{ provider, bytes: Buffer.concat(chunks as Buffer[]) }] : [],
    );
  }
}
