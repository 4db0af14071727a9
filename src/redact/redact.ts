/** A report that can leave the building: stable pseudonyms in place of names of servers, users, machines, paths and processes. */
import type { CorrelateReport } from '../correlate.js';
import type { Excerpts } from '../report/correlate/excerpts-type.js';
import { hostPseudonym } from './hosts.js';
import { processPseudonym } from './images.js';
import { userPseudonym } from './labels.js';
import { type NameKind, Names } from './names.js';
import { Redactor } from './tree.js';

export interface Redacted {
  readonly report: CorrelateReport;
  readonly excerpts: Excerpts;
  /** Different names of each kind that have got a pseudonym. */
  readonly replaced: readonly { readonly kind: NameKind; readonly count: number }[];
}

/** Names that are known from elsewhere, e.g. machines of a log's column that has no label. */
export interface GivenNames {
  readonly hosts?: readonly string[];
  readonly users?: readonly string[];
  readonly processes?: readonly string[];
}

/**
 * The report and the lines around what it cites with pseudonyms for what tells whose machine it is; docs/correlate.md lists what is replaced
 * and what stays. The same name has one pseudonym in all texts and in each run over the same input: names are numbered as they come, each
 * kind by itself. All texts are looked at twice: first for names, then to replace them wherever they stand.
 */
export function redacted(report: CorrelateReport, excerpts: Excerpts, given: GivenNames = {}): Redacted {
  const names = new Names();
  const redactor = new Redactor(names);
  for (const host of [...report.machines, ...(given.hosts ?? [])]) hostPseudonym(names, 'host', host);
  for (const user of given.users ?? []) userPseudonym(names, user);
  for (const process of given.processes ?? []) processPseudonym(names, process);
  const copied = (): [CorrelateReport, Excerpts] => [
    redactor.copy(report, '', ''),
    new Map([...excerpts].map(([place, one]) => [place, redactor.copy(one, '', 'excerpts')])),
  ];
  copied();
  redactor.again();
  const [clean, cleanExcerpts] = copied();
  return { report: clean, excerpts: cleanExcerpts, replaced: names.counts() };
}
