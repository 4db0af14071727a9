const MAX_PRINTED = 240;

// Terminal controls: C0 but tab, DEL, C1, and the bidirectional overrides that can make text read as other text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be made visible.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text from a file made safe to print: control characters become `\xNN` or `\u{NNNN}`, tabs a blank, length capped.
 * Every string that comes from input goes through here before it reaches a terminal, a finding or a diagnostic.
 */
export function printable(text: string, max = MAX_PRINTED): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(/\t/g, ' ').replace(CONTROL, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** JSON for a terminal: what JSON lets stand but terminals obey (C1, bidirectional overrides …) is escaped; same value. */
export function jsonText(value: unknown, indent?: number): string {
  return safeJson(JSON.stringify(value, null, indent));
}

/** The same for text that is JSON already. */
export function safeJson(json: string): string {
  return json.replace(CONTROL, (c) => (c === '\n' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Decodes bytes that should be UTF-8; bytes that are not become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
