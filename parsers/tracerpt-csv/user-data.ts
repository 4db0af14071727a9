/** The fields at the end of a record. */

/** Fields of one event that are taken apart; a stack has at most 195. */
const MAX_FIELDS = 256;

/**
 * User Data taken apart. tracerpt puts strings in quotes and does not escape quotes in them: a string ends at a quote
 * that a comma or the end follows.
 *
 *   14, "\_SB.ATKD.WMNB", "started ",                0
 */
export function splitFields(text: string): string[] {
  const fields: string[] = [];
  let i = 0;
  while (i < text.length && fields.length < MAX_FIELDS) {
    while (i < text.length && (text[i] === ' ' || text[i] === '\t')) i++;
    if (text[i] === '"') {
      const close = closingQuote(text, i + 1);
      fields.push(text.slice(i + 1, close));
      const comma = text.indexOf(',', close);
      i = comma < 0 ? text.length : comma + 1;
    } else {
      const comma = text.indexOf(',', i);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(i, end).trim());
      i = end + 1;
    }
  }
  return fields;
}

function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let next = quote + 1;
    while (next < text.length && (text[next] === ' ' || text[next] === '\t')) next++;
    if (next === text.length || text[next] === ',') return quote;
    // `" " " "…`: blanks are looked at once.
    quote = next - 1;
  }
  return text.length;
}
