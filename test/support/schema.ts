import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const FOLDER = resolve(import.meta.dirname, '../../docs/schema');

/**
 * Checks documents of `tracekit <command> --json` against docs/schema/<command>.schema.json, or against one of its
 * `$defs`. The function returned gives one line a violation, with its place in the document; none where the document
 * is valid.
 */
export function validator(command: string, part = ''): (doc: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  for (const file of readdirSync(FOLDER)) ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
  const validate = ajv.getSchema(`${command}.schema.json${part === '' ? '' : `#/$defs/${part}`}`);
  if (validate === undefined) throw new Error(`no schema for the command '${command}' in docs/schema`);
  return (doc) => {
    validate(doc);
    return (validate.errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message} (${e.schemaPath})`);
  };
}
