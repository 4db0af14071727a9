/**
 * What messages say when something goes wrong, in the languages of Windows: `strong` for what reports a failure (`failed`,
 * `access denied`, `konnte nicht … werden`), `weak` for what may (`not found`, `retrying`). Sources of regular expressions,
 * without case; a language without blanks between words has no edges of words.
 */
import { ENGLISH_CRITICAL, ENGLISH_STRONG, ENGLISH_WEAK } from './severity-english.js';
import { OTHER_LANGUAGES } from './severity-languages.js';

export interface Phrases {
  language: string;
  edges: boolean;
  /** Several are tried one by one, which the engine does faster than one long alternation. */
  strong: string | readonly string[];
  weak: string | readonly string[];
}

const ENGLISH: Phrases = { language: 'English', edges: true, strong: ENGLISH_STRONG, weak: ENGLISH_WEAK };

export const PHRASES: readonly Phrases[] = [ENGLISH, ...OTHER_LANGUAGES];

/** What nothing comes back from. */
export const CRITICAL = [
  ENGLISH_CRITICAL,
  '(?<!\\p{L})(?:schwerer ausnahmefehler|kritischer (?:fehler|ausfall)|erreur (?:fatale|critique|irrécupérable)|error (?:fatal|crítico|irrecuperable)|errore (?:irreversibile|critico|fatale)|erro (?:fatal|crítico|irrecuperável)|(?:fatale|kritieke) fout|błąd krytyczny|krytyczny błąd|критическ\\p{L}{2,3} ошибк\\p{L}|фатальн\\p{L}{2,3} ошибк\\p{L})(?!\\p{L})',
  '致命的|致命错误|致命錯誤|严重错误|嚴重錯誤|치명적',
].join('|');
