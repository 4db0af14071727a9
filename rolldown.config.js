import { isAbsolute } from 'node:path';

// The command line as one file: loading a hundred small modules takes longer than reading 40 MB of trace. It takes the
// place of the compiled entry point; the library stays as compiled, and packages stay where they are.
export default {
  input: 'dist/bin/tracekit.js',
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id) && id !== 'dist/bin/tracekit.js',
  output: { dir: 'dist/bin', entryFileNames: 'tracekit.js', chunkFileNames: 'tracekit-[name].js', format: 'esm' },
};
