import type { Parser } from '../src/core/parser.js';
import { etl } from './etl.js';
import { latencymon } from './latencymon.js';
import { tracerptCsv } from './tracerpt-csv.js';
import { tracerptXml } from './tracerpt-xml.js';
import { wpaCsv } from './wpa-csv.js';
import { xperfDpcisr } from './xperf-dpcisr.js';
import { xperfDumper } from './xperf-dumper.js';

/** Every format that is read; the only list. */
export const PARSERS: readonly Parser[] = [etl, wpaCsv, xperfDumper, xperfDpcisr, latencymon, tracerptCsv, tracerptXml];
