/** What events are decoded by: the user's files, and what the log itself says of its events. */
import { TracekitError } from '../../../src/core/error.js';
import type { DecodingFiles, Output } from '../../../src/core/parser.js';
import type { Survey } from '../survey.js';
import type { Decoders, Describes } from './describe-event.js';
import { readManifests } from './manifest.js';
import { readTmf } from './tmf.js';

/** Throws TracekitError where a file of the user's cannot be read; what is wrong with the log's own is a diagnostic. */
export function decodersOf(found: Survey, out: Output, files: DecodingFiles): Decoders {
  const manifests: Describes[] = [];
  if (files.manifests.length > 0) manifests.push(readManifests(files.manifests));
  for (const { provider, bytes } of found.manifests.list()) {
    const path = `the manifest that ${provider} logged`;
    try {
      manifests.push(readManifests([{ path, bytes }]));
    } catch (error) {
      if (!(error instanceof TracekitError)) throw error;
      out.diagnostics.add('embedded-manifest', 'info', 'manifests in the log that cannot be read', {
        example: error.message,
      });
    }
  }
  manifests.push(found.infos);
  const pointerBytes = found.header?.pointerBytes === 4 ? 4 : 8;
  return { manifests, classic: found.infos, tmf: files.tmf.length > 0 ? readTmf(files.tmf) : null, pointerBytes };
}
