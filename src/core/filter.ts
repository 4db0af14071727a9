/** Decides whether a name passes. */
export type Filter = (name: string) => boolean;

/**
 * A filter as users of pool and trace tools write it: `*` any run, `?` one character, `;` between alternatives, `!` in
 * front of what must not match. `ndis*;tcpip.sys` passes either; `!ntoskrnl.exe` passes all else. Letter case counts
 * only where asked for.
 */
export function parseFilter(text: string, options: { caseSensitive?: boolean } = {}): Filter {
  const fold = options.caseSensitive ? (s: string): string => s : (s: string): string => s.toLowerCase();
  const parts = text.split(';').filter((part) => part !== '');
  const wanted = parts.filter((part) => !part.startsWith('!')).map(fold);
  const unwanted = parts.filter((part) => part.startsWith('!')).map((part) => fold(part.slice(1)));
  return (name) => {
    const folded = fold(name);
    if (unwanted.some((pattern) => matches(pattern, folded))) return false;
    return wanted.length === 0 || wanted.some((pattern) => matches(pattern, folded));
  };
}

/** As parseFilter, for what has several names: one of them must match, and none may be one that must not. */
export function parseNamesFilter(text: string): (names: readonly string[]) => boolean {
  const parts = text.split(';').filter((part) => part !== '');
  const wanted = parseFilter(parts.filter((part) => !part.startsWith('!')).join(';'));
  const notUnwanted = parseFilter(parts.filter((part) => part.startsWith('!')).join(';'));
  return (names) => names.every(notUnwanted) && names.some(wanted);
}

/** Wildcard match in linear space and at most pattern × text steps: no regular expression is made of user text. */
function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] === text[t] && pattern[p] !== '*'))) {
      p++;
      t++;
    } else if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
