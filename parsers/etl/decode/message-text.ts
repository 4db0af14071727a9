/** Message texts with inserts, as FormatMessage of Windows puts them together. */

export interface Inserts {
  /** The text of `%1` or `%1!x!`; null where there is no such insert. */
  numbered(n: number, format: string | null): string | null;
  /** The text of `%!FUNC!`, which WPP knows; null where there is none. */
  named(name: string): string | null;
}

/** Longer texts are cut: a message repeats an insert as often as it likes. */
const MAX_CHARS = 64 << 10;

// %!FUNC!   %1   %10!s!   %12!08lx!   %%   %n
const ESCAPE =
  /%(?:!(\w{1,32})!|([1-9]\d{0,2})(?:!([-+ #0]{0,5}\d{0,4}(?:\.\d{0,4})?(?:hh|h|ll|l|I64|I32|I|w|z)?[a-zA-Z])!)?|([%ntrb.! 0]))/g;

const ESCAPED: Readonly<Record<string, string>> = {
  '%': '%',
  n: '\n',
  t: '\t',
  r: '\r',
  b: ' ',
  '.': '.',
  '!': '!',
  ' ': ' ',
};

/**
 * Puts inserts in: `%1` to `%999` with or without a printf format between exclamation marks, `%n` for a new line, `%t` a
 * tab, `%r` a return, `%b` a blank, `%%`, `%.` and `%!` for themselves ("FormatMessage function", winbase.h), and WPP's
 * `%!NAME!`. `%0` is left out: it ends a message without a line break, and begins one of WPP with the prefix that its
 * tools write. What there is no insert for stays as it is written.
 */
export function messageText(text: string, inserts: Inserts): string {
  let budget = MAX_CHARS;
  const filled = text.replace(ESCAPE, (whole, name?: string, n?: string, format?: string, escaped?: string) => {
    if (escaped !== undefined) return escaped === '0' ? '' : ESCAPED[escaped];
    const insert = name !== undefined ? inserts.named(name) : inserts.numbered(Number(n), format ?? null);
    if (insert === null) return whole;
    const cut = insert.slice(0, Math.max(budget, 0));
    budget -= insert.length;
    return cut;
  });
  return filled.length > MAX_CHARS ? filled.slice(0, MAX_CHARS) : filled;
}
