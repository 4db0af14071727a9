/** The column Mapped_Driver of `poolmon /g` and `/c`. */

export interface MappedDriver {
  readonly driver: string | null;
  readonly description: string | null;
}

const NONE: MappedDriver = { driver: null, description: null };
const MAX_TEXT = 400;

/**
 * `[ntfs.sys  -  AttrSup.c]`; `[Gdi objects]` (no driver known); `[ipsec][ipsec.sys  -  timers]` (`/c` and `/g`, the part
 * with both is taken); `Unknown Driver`. The screen may cut the bracket off.
 */
export function mappedDriver(text: string): MappedDriver {
  const cut = text.slice(0, MAX_TEXT);
  if (!cut.startsWith('[')) return NONE;
  const parts = cut.slice(1).replace(/\]$/, '').split('][').map(partOf);
  return parts.find(({ driver }) => driver !== null) ?? parts[0] ?? NONE;
}

function partOf(text: string): MappedDriver {
  const dash = / {1,40}- {0,40}/.exec(text);
  if (dash !== null) {
    const driver = text.slice(0, dash.index).trim();
    return { driver: named(driver), description: filled(text.slice(dash.index + dash[0].length)) };
  }
  // A single word may be a driver without its extension or a description: only a file's name is surely one.
  const alone = text.trim();
  return /^[^\s[\]]{1,60}\.(?:sys|dll|exe)$/i.test(alone)
    ? { driver: alone, description: null }
    : { driver: null, description: filled(alone) };
}

const filled = (text: string): string | null => (text.trim() === '' ? null : text.trim());

const named = (driver: string): string | null => (/^<?unknown>?$/i.test(driver) ? null : filled(driver));
