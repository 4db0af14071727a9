/**
 * The same job in SQL: what is outstanding by type, tag and stack. `node pool-duckdb.js prepare a.csv a.parquet` once, then
 * `node pool-duckdb.js run a.parquet`, whose time is measured; prints blocks and bytes as JSON.
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [task, from, to] = process.argv.slice(2);
const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;

const OUTSTANDING = `
  WITH paired AS (
    SELECT *, lead(operation) OVER (PARTITION BY address ORDER BY ticks) AS next
    FROM read_parquet(${quoted(from)})
  ), grouped AS (
    SELECT type, tag, stack, pid, count(*) AS blocks, sum(bytes) AS bytes
    FROM paired WHERE operation = 'alloc' AND next IS NULL
    GROUP BY ALL ORDER BY bytes DESC
  )
  SELECT sum(blocks)::DOUBLE AS blocks, sum(bytes)::DOUBLE AS bytes FROM grouped`;

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
if (task === 'prepare')
  await connection.run(`COPY (SELECT * FROM read_csv(${quoted(from)})) TO ${quoted(to)} (FORMAT parquet)`);
else console.log(JSON.stringify((await (await connection.runAndReadAll(OUTSTANDING)).getRowObjects())[0]));
