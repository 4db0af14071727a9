/** The driver on whose behalf a framework's DPC ran, from the samples that fell into its runs. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import type { Evidence } from '../core/evidence.js';
import { splitSymbol } from '../core/symbol.js';
import { type Batch, isBatchOf } from '../core/table.js';
import { printable } from '../core/text.js';
import { sampledProfile } from '../tables/sampled-profile.js';
import { frameworkOf, isKernel } from './dpc-frameworks.js';
import type { DpcOptions } from './dpc-options.js';
import type { Owner } from './dpc-result.js';
import { dpcIsr, type Runs } from './dpc-runs.js';

/** Owners by framework routine: `kind|routine`. */
export type Owners = ReadonlyMap<string, readonly Owner[]>;

export const dpcOwners: Analysis<DpcOptions, { readonly owners: Owners; readonly sampled: boolean }> = {
  name: 'dpc-owners',
  reads: [sampledProfile, dpcIsr],
  start: () => new OwnersFold(),
};

/** Samples kept for each CPU: a run of 16 s at the usual 1 kHz. */
const MAX_SAMPLES = 16_384;

interface Sample {
  readonly atUs: number;
  readonly module: string | null;
  readonly routine: string | null;
  readonly stack: string | null;
  readonly evidence: Omit<Evidence, 'source'>;
}

/**
 * The driver that a sample shows under a framework. With a stack: the innermost frame outside the kernel, if the
 * framework stands further out, so that it is the framework that called it. Without: the image sampled, which is weaker,
 * since an interrupt of another driver may have been sampled inside the run.
 */
function clientOf(sample: Sample, framework: string): { module: string; fn: string | null; by: Owner['by'] } | null {
  if (sample.stack === null) {
    const { module, fn } = splitSymbol(sample.routine ?? '');
    return module === null || isKernel(module) || module.toLowerCase() === framework
      ? null
      : { module, fn, by: 'sample' };
  }
  const frames = sample.stack.split(';').map(splitSymbol);
  const at = frames.findIndex(({ module }) => module !== null && !isKernel(module));
  const { module, fn } = frames[at] ?? { module: null, fn: null };
  if (module === null || module.toLowerCase() === framework) return null;
  const called = frames.slice(at + 1).some((frame) => frame.module?.toLowerCase() === framework);
  return called ? { module, fn, by: 'stack' } : null;
}

class OwnersFold implements Fold<{ owners: Owners; sampled: boolean }> {
  #samples = new Map<string, Sample[]>();
  readonly #found = new Map<string, { of: number; clients: Map<string, Owner & { samples: number }> }>();
  #sampled = false;

  add(batch: Batch): void {
    if (isBatchOf(batch, sampledProfile)) this.#keep(batch);
    else if (isBatchOf(batch, dpcIsr)) this.#match(batch);
  }

  #keep(batch: Batch<typeof sampledProfile>): void {
    const { cols, dicts, n } = batch;
    this.#sampled = true;
    for (let i = 0; i < n; i++) {
      const key = `${batch.source}|${cols.cpu[i]}`;
      let list = this.#samples.get(key);
      if (list === undefined) {
        list = [];
        this.#samples.set(key, list);
      }
      list.push({
        atUs: cols.atUs[i],
        module: dicts.module.get(cols.module[i]),
        routine: dicts.routine.get(cols.routine[i]),
        stack: cols.stack[i],
        evidence: { line: cols.line[i], byte: cols.byte[i], quote: batch.quote(i) },
      });
      if (list.length > MAX_SAMPLES) list.splice(0, MAX_SAMPLES / 2);
    }
  }

  #match(batch: Runs): void {
    if (!this.#sampled) return;
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const module = dicts.module.get(cols.module[i]);
      if (frameworkOf(module) === null || module === null) continue;
      const samples = this.#samples.get(`${batch.source}|${cols.cpu[i]}`);
      if (samples === undefined) continue;
      const key = `${dicts.kind.get(cols.kind[i])}|${dicts.routine.get(cols.routine[i])}`;
      const startUs = cols.startUs[i];
      const endUs = startUs + cols.durationUs[i];
      for (let k = firstAt(samples, startUs); k < samples.length && samples[k].atUs <= endUs; k++) {
        this.#count(key, samples[k], module.toLowerCase(), batch.source);
      }
    }
  }

  #count(key: string, sample: Sample, framework: string, source: number): void {
    let found = this.#found.get(key);
    if (found === undefined) {
      found = { of: 0, clients: new Map() };
      this.#found.set(key, found);
    }
    found.of++;
    const client = clientOf(sample, framework);
    if (client === null) return;
    const name = client.module.toLowerCase();
    const known = found.clients.get(name);
    if (known !== undefined) known.samples++;
    else {
      found.clients.set(name, {
        module: client.module,
        function: client.fn,
        by: client.by,
        samples: 1,
        ofSamples: 0,
        evidence: [{ source: `s${source + 1}`, ...sample.evidence, quote: printable(sample.evidence.quote) }],
      });
    }
  }

  finish(_context: Finish): { result: { owners: Owners; sampled: boolean }; findings: [] } {
    const owners = new Map<string, Owner[]>();
    for (const [key, { of, clients }] of this.#found) {
      const list = [...clients.values()].map((owner): Owner => ({ ...owner, ofSamples: of }));
      owners.set(
        key,
        list.sort((a, b) => b.samples - a.samples || (a.module < b.module ? -1 : 1)),
      );
    }
    return { result: { owners, sampled: this.#sampled }, findings: [] };
  }
}

/** Index of the first sample at or after `us`; samples are in time order. */
function firstAt(samples: readonly Sample[], us: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle].atUs < us) low = middle + 1;
    else high = middle;
  }
  return low;
}
