import type { Parser } from '../src/core/parser.js';
import { cdfCsv } from './cdf-csv.js';
import { debugview } from './debugview.js';
import { etl } from './etl.js';
import { eventlogText } from './eventlog-text.js';
import { eventlogXml } from './eventlog-xml.js';
import { kd } from './kd.js';
import { latencymon } from './latencymon.js';
import { logText } from './log-text.js';
import { pdhCsv } from './pdh-csv.js';
import { poolmon } from './poolmon.js';
import { textTrace } from './text-trace.js';
import { tracerptCsv } from './tracerpt-csv.js';
import { tracerptXml } from './tracerpt-xml.js';
import { wpaCsv } from './wpa-csv.js';
import { wpaPool } from './wpa-pool.js';
import { wppText } from './wpp-text.js';
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
  eventlogXml,
  tracerptXml,
  eventlogText,
  wppText,
  cdfCsv,
  debugview,
  textTrace,
  kd,
  // Whatever else has a time in front.
  logText,
];
