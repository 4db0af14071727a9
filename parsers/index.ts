import type { Parser } from '../src/core/parser.js';
import { etl } from './etl.js';
import { kd } from './kd.js';
import { latencymon } from './latencymon.js';
import { pdhCsv } from './pdh-csv.js';
import { poolmon } from './poolmon.js';
import { tracerptCsv } from './tracerpt-csv.js';
import { tracerptXml } from './tracerpt-xml.js';
import { wpaCsv } from './wpa-csv.js';
import { wpaPool } from './wpa-pool.js';
import { xperfDpcisr } from './xperf-dpcisr.js';
import { xperfDumper } from './xperf-dumper.js';

/** Every format that is read; the only list. */
export const PARSERS: readonly Parser[] = [
  etl,
  wpaCsv,
  wpaPool,
  xperfDumper,
  xperfDpcisr,
  latencymon,
  poolmon,
  pdhCsv,
  tracerptCsv,
  tracerptXml,
  kd,
];
