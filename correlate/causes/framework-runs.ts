/** Routines of frameworks (KMDF, NDIS, Storport …) that a trace saw at work for a driver: the driver's runs under another's name. */
import { frameworkOf } from '../../src/analyses/dpc-frameworks.js';
import type { FunctionFigures } from '../../src/analyses/dpc-result.js';
import type { Case } from '../case.js';
import { moduleKey } from '../names.js';

/** True for an image that runs DPCs for others. */
export const isFramework = (module: string): boolean =>
  frameworkOf(module.includes('.') ? module : `${module}.sys`) !== null;

/** Routines of frameworks whose longest run, or most of whose runs, were seen to work for the driver; longest first. */
export function frameworkRuns(key: string, { dpc }: Case): FunctionFigures[] {
  return (dpc?.functions ?? [])
    .filter(
      ({ module, owner, longestOwners }) =>
        module !== null &&
        isFramework(module) &&
        ((owner !== null && moduleKey(owner) === key) ||
          (longestOwners ?? []).some((one) => moduleKey(one.module) === key)),
    )
    .sort((a, b) => (b.maxUs ?? 0) - (a.maxUs ?? 0));
}

/** Drivers that frameworks were seen to work for, by the longest run. */
export function clientsOfFrameworks({ dpc }: Case): { readonly module: string; readonly maxUs: number }[] {
  return (dpc?.functions ?? [])
    .filter(({ module, owner }) => module !== null && owner !== null && isFramework(module))
    .map(({ longestOwners, owner, maxUs }) => ({
      module: longestOwners?.[0]?.module ?? (owner as string),
      maxUs: maxUs ?? 0,
    }))
    .sort((a, b) => b.maxUs - a.maxUs);
}
