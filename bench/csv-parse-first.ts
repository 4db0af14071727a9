/** `node csv-parse-first.js FILE BYTES`: parses the first bytes of a file with csv-parse and prints the records read. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

const [path, bytes] = process.argv.slice(2);
const parser = createReadStream(path, { end: Number(bytes) - 1, highWaterMark: 1 << 20 }).pipe(
  parse({ relax_column_count: true, relax_quotes: true }),
);
let records = 0;
parser.on('data', () => records++);
parser.on('end', () => console.log(records));
