import type { Parser } from '../src/core/parser.js';
import { latencymon } from './latencymon.js';
import { wpaCsv } from './wpa-csv.js';
import { xperfDpcisr } from './xperf-dpcisr.js';
import { xperfDumper } from './xperf-dumper.js';

/** Every format that is read; the only list. */
export const PARSERS: readonly Parser[] = [wpaCsv, xperfDumper, xperfDpcisr, latencymon];
