/** Which counters are read: those of pool, commit and available memory. */

interface Path {
  readonly machine: string;
  readonly object: string;
  readonly instance: string | null;
  readonly counter: string;
}

/** A column of the log. */
export interface Counter {
  /** Object and counter, as events are counted by. */
  readonly label: string;
  /** How it goes into rows; null where it does not. */
  readonly row: { readonly name: string; readonly unit: 'bytes' | 'count'; readonly factor: number } | null;
}

// \\HOST\Memory\Pool Nonpaged Bytes   \Process(a\b#1)\Pool Paged Bytes   \USER\memory\pool nonpaged bytes
export function pathOf(text: string): Path {
  const path = text.trim();
  const counterAt = path.lastIndexOf('\\');
  const front = path.slice(0, Math.max(counterAt, 0));
  // Names of instances may hold backslashes, and so may not be cut at them.
  const open = front.endsWith(')') ? front.indexOf('(') : -1;
  const objectEnd = open < 0 ? front.length : open;
  const objectAt = front.lastIndexOf('\\', objectEnd);
  return {
    machine: front.slice(0, Math.max(objectAt, 0)).replace(/^\\+/, ''),
    object: front.slice(objectAt + 1, objectEnd),
    instance: open < 0 ? null : front.slice(open + 1, -1),
    counter: path.slice(counterAt + 1),
  };
}

/**
 * The columns of a log. Where it is of several machines, the first one's counters have their plain names and those of the
 * others are told by their paths.
 */
export function countersOf(paths: readonly string[]): Counter[] {
  let first: string | null = null;
  return paths.map((text) => {
    const path = pathOf(text);
    const label = `${path.object}${path.instance === null ? '' : `(${path.instance})`}\\${path.counter}`;
    if (!isWanted(path)) return { label, row: null };
    first ??= path.machine.toLowerCase();
    const plain = path.instance === null ? path.counter : `${path.object}(${path.instance}) ${path.counter}`;
    const name = path.machine.toLowerCase() === first ? plain : `\\\\${path.machine}\\${label}`;
    return { label, row: { name, ...unitOf(path.counter) } };
  });
}

/** Counters with `pool` in their name that are of other pools: threads, applications, connections. */
const OTHER_POOLS = /thread|http|\.net|asp|sql|w3|app|web|connection/i;

function isWanted({ object, instance, counter }: Path): boolean {
  // `% Committed Bytes In Use`, `Pool Paged Failures/sec`: shares and rates are no amounts.
  if (counter.startsWith('%') || counter.endsWith('/sec')) return false;
  if (instance !== null) return /^process( v2)?$/i.test(object) && /pool/i.test(counter);
  if (/^memory$/i.test(object)) return /pool|commit|available/i.test(counter);
  // Names of objects and counters are translated; `pool` mostly is not.
  return /pool/i.test(counter) && !OTHER_POOLS.test(object);
}

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/\bMBytes\)?$/i, 2 ** 20],
  [/\bKBytes\)?$/i, 2 ** 10],
  [/bytes\)?$/i, 1],
  // In bytes, though its name does not say so.
  [/^Commit Limit$/i, 1],
];

function unitOf(counter: string): { unit: 'bytes' | 'count'; factor: number } {
  const found = UNITS.find(([pattern]) => pattern.test(counter));
  return found === undefined ? { unit: 'count', factor: 1 } : { unit: 'bytes', factor: found[1] };
}
