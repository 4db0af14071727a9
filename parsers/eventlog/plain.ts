const MAX_WORD = 80;

/** A label or a word as it is looked up: small letters, plain blanks and apostrophes, no marks of direction. */
export function plain(text: string): string {
  return text
    .slice(0, MAX_WORD)
    .replace(/[\u200e\u200f\ufeff]/g, '')
    .replace(/[\s\u00a0\u202f]{1,80}/g, ' ')
    .replace(/[\u2018\u2019]/g, "'")
    .trim()
    .toLowerCase();
}
