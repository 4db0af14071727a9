/**
 * WPA's Pool table, written by wpaexporter or copied from WPA: allocations paired with their frees, columns in the order
 * and choice of the user, numbers in the locale of the machine.
 *
 *     Type,Paged,Pool Tag,Stack,Process,Count,Size (B),Alloc Time (s),Free Time (s)
 *     AIFO,Nonpaged,Leak,[Root]/ntdll.dll!RtlUserThreadStart/myfault.sys!LeakPool,NotMyfault.exe (1234),1,"4,096",1.500000,
 *     AIFO;Nicht ausgelagert;Leak;[Root]/myfault.sys!LeakPool;NotMyfault.exe (1234);1;4.096;1,500000;      (German machine)
 *
 * Pool Tag, Pool Tag Module, Stack, Paged, Impacting Type, Count, Size and Impacting Size are documented (in Microsoft's
 * exercise "Track Driver Footprint and Dynamic Allocations During Boot"). AIFI = allocated
 * and freed inside the range shown, AIFO = outstanding at its end, AOFI and AOFO = allocated before it. A table grouped by
 * columns holds sums as well: see wpa-pool/groups.ts.
 */
import type { Output, Parser } from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { callStack } from '../src/tables/call-stack.js';
import { poolAllocation } from '../src/tables/pool-allocation.js';
import { readTables } from './wpa/table.js';
import { figureCase, readFigures } from './wpa-pool/figures.js';
import { Groups } from './wpa-pool/groups.js';
import {
  findHeader,
  type Header,
  headerOf,
  isHeader,
  NEEDED,
  sayWhatIsMissing,
  sayWhatIsNotRead,
  sniff,
} from './wpa-pool/headers.js';
import { PoolRows } from './wpa-pool/rows.js';

export const wpaPool: Parser = {
  name: 'wpa-pool',
  title: 'WPA / wpaexporter table "Pool" (CSV or copied)',
  madeBy: 'wpaexporter -i trace.etl -profile pool.wpaProfile',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/exporter',
  tables: [poolAllocation, callStack],
  sniff,
  parse,
};

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const found = findHeader(stream.head.toString('utf8').split('\n'));
  const rows = new PoolRows(out);
  let groups: Groups | null = null;
  const { header, records } = await readTables<Header>(stream, out, {
    delimiter: found?.delimiter ?? ',',
    headerOf,
    isHeader,
    begin(next) {
      sayWhatIsMissing(next, out);
      sayWhatIsNotRead(next, out);
    },
    decide(next, ahead) {
      const figures = figureCase(next, ahead, out);
      const tree = new Groups(next, out, (row) => rows.take(next, row));
      groups = tree;
      return (record) => {
        const read = readFigures(figures, record);
        if (read !== null) tree.take(record, read);
      };
    },
    end: () => groups?.end(),
  });
  if (records === 0) sayNoRows(header, out);
}

function sayNoRows(header: Header | null, out: Output): void {
  const message =
    header === null
      ? `no header line with the columns of a Pool table was found; ${NEEDED}`
      : 'the table has a header and no rows: nothing was allocated in the range exported, or the export was filtered';
  out.diagnostics.add('no-rows', header === null ? 'error' : 'warning', message);
}
