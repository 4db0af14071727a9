/** Names that both sides spell in their own way. */
import { fileName } from '../src/core/symbol.js';

const EXTENSION = /\.(?:sys|dll|exe|drv)$/;

/** The kernel and the HAL come under several file names; debuggers call them `nt` and `hal`. */
const SAME: Readonly<Record<string, string>> = {
  ntoskrnl: 'nt',
  ntkrnlmp: 'nt',
  ntkrnlpa: 'nt',
  ntkrpamp: 'nt',
  halacpi: 'hal',
  halmacpi: 'hal',
  halaacpi: 'hal',
};

/**
 * One spelling of a module for traces (`ntoskrnl.exe`, `my-nic.sys`, with a path or not) and debuggers (`nt`, `my_nic`): lower case, no
 * extension, and as debuggers do, `_` for what cannot stand in a symbol.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/symbol-syntax-and-symbol-matching
 */
export function moduleKey(name: string): string {
  const plain = fileName(name).toLowerCase().replace(EXTENSION, '').replace(/\W/g, '_');
  return SAME[plain] ?? plain;
}

/** One spelling of an image: `SVCHOST.EXE` and `svchost.exe`; debuggers cut names to 15 characters, which `isSameImage` allows for. */
export const imageKey = (name: string): string => fileName(name).toLowerCase();

/** EPROCESS.ImageFileName holds 15 characters and no more. */
const CUT_AT = 14;

export function isSameImage(a: string, b: string): boolean {
  const [one, two] = [imageKey(a), imageKey(b)];
  if (one === two) return true;
  const [short, long] = one.length < two.length ? [one, two] : [two, one];
  return short.length >= CUT_AT && long.startsWith(short);
}

/** A function without the offset and the template arguments behind it, lower case. */
export const functionKey = (name: string): string =>
  name
    .replace(/\+0x[0-9a-f]{1,16}$/i, '')
    .replace(/<.{0,200}$/, '')
    .toLowerCase();

/** Words that say nothing of whose a name is. */
const COMMON = new Set(
  (
    'a an and as at be by can for from has in into is it its no not of on or the this to was with ' +
    'nt hal win exe dll sys drv lib app main run start stop open close read write get set do on is init exit wait sleep sleeps execute executing ' +
    'error errors failed fail failure failing warning info retry retrying retries again command commands call thread process service ' +
    'server client manager handler helper module component driver device system windows microsoft kernel user base core common ' +
    'data file files request response message event events object value result status code time timeout name id type'
  ).split(' '),
);

/** Consecutive words that two texts share, as `db driver` of `DB_Driver_Command` and `[DB Driver] Not enough space`; null for none. */
export function sharedPhrase(identifier: string, text: string): readonly string[] | null {
  const [own, other] = [allWords(identifier), allWords(text)];
  let best: string[] = [];
  for (let i = 0; i < own.length; i++) {
    for (let j = 0; j < other.length; j++) {
      let n = 0;
      while (i + n < own.length && j + n < other.length && own[i + n] === other[j + n]) n++;
      if (n > best.length) best = own.slice(i, i + n);
    }
  }
  return best.length >= 2 && best.some((word) => !isCommonWord(word)) ? best : null;
}

/** Words of an identifier or a sentence: `DB_Driver_Command` and `[DB Driver]` share `db` and `driver`. At most 64. */
export const wordsOf = (text: string): string[] => [...new Set(allWords(text))];

function allWords(text: string): string[] {
  return text
    .slice(0, 2000)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word.length > 1 && !/^\d+$/.test(word))
    .slice(0, 64);
}

/** True for a word that many components have in their names. */
export const isCommonWord = (word: string): boolean => COMMON.has(word);
