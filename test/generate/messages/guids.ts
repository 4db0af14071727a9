/** GUIDs of made-up providers: the same name, the same GUID. */

/** In lower case, without braces. */
export function guidOf(name: string): string {
  const words = [1, 2, 3, 4].map((salt) => {
    let hash = Math.imul(0x9e3779b1, salt) >>> 0;
    for (const c of name) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193) >>> 0;
    return hash.toString(16).padStart(8, '0');
  });
  const hex = words.join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
