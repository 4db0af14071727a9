/** Writes samples/: `npm run samples`. The texts are the same on every machine; how gzip packs them may differ. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { samples } from './samples.js';

/** The folder that holds package.json: two levels up from here, three from the compiled program. */
function root(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const up = dirname(folder);
    if (up === folder) throw new Error('package.json was not found above this program');
    folder = up;
  }
  return folder;
}

for (const { path, bytes } of samples()) {
  const target = join(root(), 'samples', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  console.log(`${path} ${bytes.length}`);
}
