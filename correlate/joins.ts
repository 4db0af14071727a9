/** What both sides name: each join with its rows on either side, and how strong it is. */
import { formatAddress, splitSymbol } from '../src/core/symbol.js';
import type { Case } from './case.js';
import { cited } from './case.js';
import { functionKey, imageKey, isSameImage, moduleKey } from './names.js';
import type { Join } from './result.js';
import { offsetInImage } from './routines.js';

const MAX_OF_KIND = 40;

export function joinsOf(all: Case): Join[] {
  return [poolBlocks, routines, alpcMessages, threads, poolTags, disks, servers, paths, processes, modules].flatMap(
    (find) =>
      find(all)
        .sort((a, b) => STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength) || b.traceRows - a.traceRows)
        .slice(0, MAX_OF_KIND),
  );
}

const STRENGTHS = ['exact', 'inferred', 'weak'];

function threads(all: Case): Join[] {
  return all.dump.threads.flatMap((thread): Join[] => {
    const match = all.threads.match(thread);
    if (match === null) return [];
    const [talk] = match.talk;
    return [
      {
        kind: 'thread',
        key: `${thread.process ?? 'unknown'} ${thread.pid ?? '?'}.${thread.tid}`,
        traceRows: match.rows,
        dumpRows: Math.max(1, thread.evidence.length),
        strength: match.isSure ? 'exact' : 'weak',
        statement: match.isSure
          ? 'the same thread id in the same process'
          : 'the same thread id; nothing says whether the process is the same',
        evidence: [...thread.evidence.slice(0, 1), ...(talk === undefined ? [] : cited(all, talk.source, talk.last))],
      },
    ];
  });
}

function processes({ dump, probes, context }: Case): Join[] {
  const seen = new Map<number, (typeof probes.processes.processes)[number][]>();
  for (const one of probes.processes.processes) seen.set(one.pid, [...(seen.get(one.pid) ?? []), one]);
  return dump.processes.flatMap(({ pid, image, evidence }): Join[] => {
    if (pid === null) return [];
    const found = (seen.get(pid) ?? []).filter((one) => image === null || isSameImage(one.process, image));
    if (found.length === 0) return [];
    return [
      {
        kind: 'process',
        key: `${image ?? 'unknown'} ${pid}`,
        traceRows: found.length,
        dumpRows: evidence.length,
        strength: image === null ? 'weak' : 'exact',
        statement: found.length > 1 ? `the id was used ${found.length} times in the trace` : 'the same id and image',
        evidence: [...evidence.slice(0, 1), context.evidence(found[0].source, found[0].cite)],
      },
    ];
  });
}

function modules({ dump, probes, context, dpc }: Case): Join[] {
  const loaded = new Map(probes.images.list.map((one) => [moduleKey(one.name), one]));
  const counted = new Map<string, number>();
  for (const row of dpc?.modules ?? []) {
    if (row.module !== null)
      counted.set(moduleKey(row.module), (counted.get(moduleKey(row.module)) ?? 0) + (row.count ?? 0));
  }
  const found: Join[] = [];
  for (const module of dump.system.modules.slice(0, 2000)) {
    const key = moduleKey(module.name);
    const image = loaded.get(key) ?? renamed(module, probes.images.list);
    const runs = counted.get(key) ?? 0;
    if (image === undefined && runs === 0) continue;
    const isSameBase = image !== undefined && module.base !== null && formatAddress(image.base) === module.base;
    const isRenamed = image !== undefined && moduleKey(image.name) !== key;
    found.push({
      kind: 'module',
      key: module.name,
      traceRows: runs + (image === undefined ? 0 : 1),
      dumpRows: 1,
      strength: isRenamed ? 'inferred' : isSameBase ? 'exact' : 'inferred',
      statement: isRenamed
        ? `${image.name} in the trace, by its time stamp: a renamed copy`
        : isSameBase
          ? 'the same name at the same address'
          : 'the same name',
      evidence: [module.evidence, ...(image === undefined ? [] : [context.evidence(image.source, image.cite)])],
    });
  }
  return found;
}

/** A copy under another name has the same link time. */
function renamed(
  { timestampUtc }: { readonly timestampUtc: string | null },
  images: Case['probes']['images']['list'],
): Case['probes']['images']['list'][number] | undefined {
  if (timestampUtc === null) return undefined;
  const seconds = Math.round(Date.parse(timestampUtc) / 1000);
  const same = images.filter(({ timeDateStamp }) => timeDateStamp === seconds);
  return same.length === 1 ? same[0] : undefined;
}

function routines(all: Case): Join[] {
  const { dump, dpc, context } = all;
  if (dpc === null) return [];
  const inDump = new Map<string, { module: string; fn: string; rows: number }>();
  const add = (module: string | null, fn: string | null): void => {
    if (module === null || fn === null || /^(?:nt|hal)$/.test(moduleKey(module))) return;
    const key = `${moduleKey(module)}!${functionKey(fn)}`;
    const known = inDump.get(key);
    if (known === undefined) inDump.set(key, { module, fn, rows: 1 });
    else known.rows++;
  };
  if (dump.watchdog?.culprit != null) add(dump.watchdog.culprit.module, dump.watchdog.culprit.function);
  for (const { module, function: fn } of dump.watchdog?.others ?? []) add(module, fn);
  for (const { dpcs } of dump.system.processors) {
    for (const { routine } of dpcs) {
      const { module, fn } = splitSymbol(routine ?? '');
      add(module, fn);
    }
  }
  const { culprit } = dump.watchdog ?? { culprit: null };
  const offset = culprit === null ? null : offsetInImage(culprit.module, culprit.address, all);
  return dpc.functions.flatMap((row): Join[] => {
    if (row.module === null) return [];
    const byPlace =
      culprit !== null &&
      offset !== null &&
      row.offset === offset &&
      moduleKey(row.module) === moduleKey(culprit.module);
    const name = row.function ?? (byPlace ? culprit.function : null);
    const own = name === null ? undefined : inDump.get(`${moduleKey(row.module)}!${functionKey(name)}`);
    if (own === undefined) return [];
    return [
      {
        kind: 'dpc-routine',
        key: `${own.module}!${own.fn}`,
        traceRows: row.count ?? 0,
        dumpRows: own.rows,
        strength: 'exact',
        statement: row.function === null ? 'the same module, and the same place in it' : 'the same module and routine',
        evidence: [...(row.longest?.evidence ?? []), ...(dump.watchdog?.evidence ?? []).slice(0, 1)].slice(
          0,
          context.sources.length + 1,
        ),
      },
    ];
  });
}

function poolTags({ pool }: Case): Join[] {
  return (pool?.tags ?? [])
    .filter(
      ({ snapshotBytes, aifoCount, aifiCount }) => snapshotBytes !== null && (aifoCount !== null || aifiCount !== null),
    )
    .map(
      (row): Join => ({
        kind: 'pool-tag',
        key: row.tag ?? 'unknown',
        traceRows: (row.aifoCount ?? 0) + (row.aifiCount ?? 0),
        dumpRows: 1,
        strength: 'exact',
        statement: 'the same tag; several drivers may use it',
        evidence: row.evidence.slice(0, 2),
      }),
    );
}

function poolBlocks({ pool }: Case): Join[] {
  return (pool?.blocks ?? [])
    .filter(({ inTrace, freedInTrace }) => (inTrace ?? 0) + (freedInTrace ?? 0) > 0)
    .map(
      (list): Join => ({
        kind: 'pool-block',
        key: `${list.command} ${list.tag ?? list.driver ?? ''}`.trim(),
        traceRows: (list.inTrace ?? 0) + (list.freedInTrace ?? 0),
        dumpRows: list.count,
        strength: 'exact',
        statement: `${list.inTrace ?? 0} at the same address and outstanding in the trace, ${list.freedInTrace ?? 0} freed there`,
        evidence: list.evidence.slice(0, 3),
      }),
    );
}

function disks({ errors, dump }: Case): Join[] {
  const names = new Set([
    ...dump.irps.byDriver.map(({ driver }) => moduleKey(driver.replace(/^.*\\/, ''))),
    ...dump.system.modules.map(({ name }) => moduleKey(name)),
  ]);
  return (errors?.disks ?? [])
    .filter(({ provider }) => provider !== null && names.has(moduleKey(provider)))
    .map(
      (disk): Join => ({
        kind: 'disk',
        key: disk.provider as string,
        traceRows: disk.count,
        dumpRows: 1,
        strength: 'inferred',
        statement: `event ${disk.eventId} of a driver that the dump has loaded or that holds IRPs`,
        evidence: disk.evidence.slice(0, 2),
      }),
    );
}

/** Messages that threads of the dump still wait for when the trace ends. */
function alpcMessages(all: Case): Join[] {
  return all.dump.threads.flatMap((thread): Join[] => {
    const message = thread.tid === null ? null : all.probes.messages.of(thread.tid);
    if (message === null) return [];
    return [
      {
        kind: 'alpc-message',
        key: String(message.messageId),
        traceRows: message.receiver === null ? 1 : 2,
        dumpRows: Math.max(1, thread.evidence.length),
        strength: all.threads.match(thread)?.isSure ? 'exact' : 'weak',
        statement: `thread ${thread.tid} waits for the reply${message.receiver === null ? '' : `, thread ${message.receiver.tid} took it`}`,
        evidence: [...cited(all, message.source, message.cite), ...thread.evidence.slice(0, 1)],
      },
    ];
  });
}

/** Files of IRPs that messages name. */
function paths({ errors, dump }: Case): Join[] {
  if (errors === null) return [];
  const files = new Map<string, number>();
  for (const { locations } of dump.irps.list) {
    for (const { file } of locations) {
      // Addresses of file objects are no names.
      const name = file === null || /^0x/.test(file) ? null : imageKey(file);
      if (name !== null && name.length >= 5) files.set(name, (files.get(name) ?? 0) + 1);
    }
  }
  return [...files].flatMap(([name, rows]): Join[] => {
    const naming = errors.templates.filter(({ template, examples }) =>
      [template, ...examples.map(({ quote }) => quote)].some((text) => text.toLowerCase().includes(name)),
    );
    if (naming.length === 0) return [];
    return [
      {
        kind: 'path',
        key: name,
        traceRows: naming.reduce((sum, { count }) => sum + count, 0),
        dumpRows: rows,
        strength: 'inferred',
        statement: 'a file of an IRP, named in messages',
        evidence: naming[0].examples.slice(0, 2),
      },
    ];
  });
}

function servers({ errors, dump }: Case): Join[] {
  const found = new Map<string, Join>();
  for (const { to, evidence } of dump.waitEdges) {
    if (!to.startsWith('remote:')) continue;
    const server = imageKey(to.slice('remote:'.length).replace(/^\\+/, '').split('\\')[0]);
    if (server.length < 3 || found.has(server)) continue;
    const naming = (errors?.templates ?? []).filter(({ template, examples }) =>
      [template, ...examples.map(({ quote }) => quote)].some((text) => text.toLowerCase().includes(server)),
    );
    if (naming.length === 0) continue;
    found.set(server, {
      kind: 'server',
      key: server,
      traceRows: naming.reduce((sum, { count }) => sum + count, 0),
      dumpRows: dump.waitEdges.filter((edge) => edge.to === to).length,
      strength: 'inferred',
      statement: 'the same server name',
      evidence: [...evidence.slice(0, 1), ...naming[0].examples.slice(0, 1)],
    });
  }
  return [...found.values()];
}
