/** Colours of frames: a hue for each module, warm in the kernel, cool in user mode, grey where neither is known. */
import { parseAddress, splitSymbol } from '../../core/symbol.js';

export interface Swatch {
  /** Class of the rectangle in the SVG. */
  readonly name: string;
  /** `#rrggbb`, to be written on in `LIGHT_TEXT` and `DARK_TEXT`. */
  readonly light: string;
  readonly dark: string;
}

/** What is written on frames. */
export const LIGHT_TEXT = '#15181c';
export const DARK_TEXT = '#f4f6f8';

const HUES = 8;
const TONES = 2;
const COLORS = HUES * TONES;
const WARM_FROM = 352;
const WARM_STEP = 9;
const COOL_FROM = 160;
const COOL_STEP = 16;

const GREY: Swatch = { name: 'g', light: '#d8dde3', dark: '#454c55' };

export const SWATCHES: readonly Swatch[] = [
  GREY,
  ...family('k', WARM_FROM, WARM_STEP),
  ...family('u', COOL_FROM, COOL_STEP),
];

function family(letter: string, from: number, step: number): Swatch[] {
  return Array.from({ length: COLORS }, (_, i) => {
    const hue = (from + (i % HUES) * step) % 360;
    const strong = i >= HUES;
    return {
      name: `${letter}${i}`,
      light: hexOf(hue, strong ? 0.7 : 0.62, strong ? 0.71 : 0.81),
      dark: hexOf(hue, strong ? 0.46 : 0.4, strong ? 0.31 : 0.25),
    };
  });
}

/** HSL, all but the hue from 0 to 1, as `#rrggbb`. */
function hexOf(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

export type Side = 'kernel' | 'user';

export interface Origin {
  readonly module: string | null;
  readonly side: Side | null;
  /** Name of a swatch. */
  readonly color: string;
}

/** Images of the kernel that are not called `.sys`. */
const KERNEL =
  /^(nt|nt(oskrnl|krnlmp|krnlpa|krpamp)(\.exe)?|hal(\.dll)?|win32k\w*|(kd|kd\w+|bootvid|ci|pshed|mcupdate_\w+)\.dll)$/;
const FIRST_KERNEL_ADDRESS = 1n << 63n;

/** Where a frame's code lies, as far as its text tells. */
export function originOf(frame: string): Origin {
  const { module } = splitSymbol(frame);
  const address = addressOf(frame);
  const side = address !== null && address >= FIRST_KERNEL_ADDRESS ? 'kernel' : sideOfModule(module);
  if (module === null || side === null) return { module, side, color: GREY.name };
  return { module, side, color: `${side === 'kernel' ? 'k' : 'u'}${hash(module.toLowerCase()) % COLORS}` };
}

export const groupOrigin: Origin = { module: null, side: null, color: GREY.name };

function addressOf(frame: string): bigint | null {
  const text = frame.slice(frame.indexOf('!') + 1).trim();
  return text.startsWith('0x') ? parseAddress(text) : null;
}

function sideOfModule(module: string | null): Side | null {
  if (module === null) return null;
  const name = module.toLowerCase();
  return name.endsWith('.sys') || KERNEL.test(name) ? 'kernel' : 'user';
}

/** FNV-1a over UTF-16 units, for a colour that is the same in every graph. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
