/** Instrumentation manifests that a user hands over, and the events that they describe. */

import { TracekitError } from '../../../src/core/error.js';
import { printable } from '../../../src/core/text.js';
import { everywhere, readElements } from './manifest/elements.js';
import { readProvider } from './manifest/provider.js';
import { localizer } from './manifest/strings.js';
import type { ManifestEvent, ManifestProvider } from './manifest/types.js';

export type { ManifestEvent, ManifestProvider } from './manifest/types.js';

export interface ManifestIndex {
  /** Of several files that describe one provider its name is the first's; `events` are each file's own. */
  readonly providers: readonly ManifestProvider[];
  /** Events that an earlier file, or the same one, describes already: the first is used. */
  readonly duplicates: number;
  /**
   * The event of that provider (lower case, without braces), id and version; null where no file has just this version,
   * for another version may lie differently.
   */
  find(providerGuid: string, id: number, version: number): ManifestEvent | null;
  providerName(guid: string): string | null;
}

/**
 * Reads manifests (`.man`, `.xml`): what authors write for Message Compiler, what PerfView and EventSource write from
 * registered providers, and `wevtutil gp <provider> /ge /gm:true /f:xml`, which knows names and messages but no
 * templates. Elements and attributes are those of the EventManifest schema's published pages; the first two forms are
 * certain, wevtutil's is from its documentation and none was seen. A file that is none of these, or is damaged, is a
 * TracekitError that names file and place.
 */
export function readManifests(files: readonly { readonly path: string; readonly bytes: Buffer }[]): ManifestIndex {
  const providers = files.flatMap(({ path, bytes }) => readFile(path, bytes));
  const names = new Map<string, string>();
  const events = new Map<string, Map<number, ManifestEvent>>();
  let duplicates = 0;
  for (const provider of providers) {
    if (!names.has(provider.guid)) names.set(provider.guid, provider.name);
    const known = events.get(provider.guid) ?? new Map<number, ManifestEvent>();
    events.set(provider.guid, known);
    for (const event of provider.events) {
      const key = keyOf(event.id, event.version);
      if (known.has(key)) duplicates++;
      else known.set(key, event);
    }
  }
  return {
    providers,
    duplicates,
    find: (providerGuid, id, version) => events.get(providerGuid)?.get(keyOf(id, version)) ?? null,
    providerName: (guid) => names.get(guid) ?? null,
  };
}

const keyOf = (id: number, version: number): number => id * 256 + version;

function readFile(path: string, bytes: Buffer): ManifestProvider[] {
  const root = readElements(path, bytes);
  const elements = everywhere(root, 'provider');
  if (elements.length === 0) {
    throw new TracekitError(
      `${printable(path)}: no instrumentation manifest: the root element is <${printable(root.name)}> and holds no ` +
        '<provider>. Give the .man or .xml file of the provider whose events are to be decoded.',
    );
  }
  const localize = localizer(root);
  return elements.map((element) => readProvider(element, localize, element === root));
}
