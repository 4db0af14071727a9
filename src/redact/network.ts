/** Addresses of networks, mailboxes and accounts: URLs, IPv4 and IPv6, MAC, mail, SIDs. */
import { endOf, indexWithin, isAlnum, isDigit, isHexDigit } from './characters.js';
import { dnsEnd, hostPseudonym, isKeptHost } from './hosts.js';
import { extensionOf } from './path-end.js';
import type { Context, Span } from './span.js';

const KEPT_ADDRESSES = new Set(['127.0.0.1', '0.0.0.0', '255.255.255.255', '::1', '::']);

const LONGEST_URL = 2048;
const LONGEST_IPV6 = 46;

/** `https://build7.example/job/12`: the host and what is behind it. `runEnd` is behind the scheme. */
export function url({ text, low, names }: Context, at: number, runEnd: number): Span | null {
  if (!text.startsWith('://', runEnd) || runEnd - at < 2) return null;
  const from = runEnd + 3;
  const end = endOf(text, from, (code) => code > 32 && !isUrlStop(code), LONGEST_URL);
  const hostEnd = endOf(
    text,
    from,
    (code) => code > 32 && !isUrlStop(code) && !'/?#'.includes(String.fromCharCode(code)),
    end - from,
  );
  const hostFrom = from + text.slice(from, hostEnd).lastIndexOf('@') + 1;
  const bracket = text[hostFrom] === '[' ? indexWithin(text, ']', hostFrom, LONGEST_IPV6) : -1;
  const colon = bracket >= 0 && bracket < hostEnd ? bracket + 1 : indexWithin(text, ':', hostFrom, hostEnd - hostFrom);
  const nameEnd = colon >= hostFrom && colon < hostEnd ? colon : hostEnd;
  const host = low.slice(hostFrom, nameEnd);
  if (host !== '' && isKeptHost(host)) return null;
  const shown = host === '' ? '' : isAddress(host) ? names.of('ip', host) : hostPseudonym(names, 'server', host);
  const path = text.slice(hostEnd, end);
  const rest = path.length < 2 ? path : `/${names.of('path', low.slice(at, end))}${extensionOf(path)}`;
  return { end, out: `${text.slice(at, from)}${shown}${text.slice(nameEnd, hostEnd)}${rest}` };
}

const isUrlStop = (code: number): boolean => '"\'<>|`,;)]}“”…\\'.includes(String.fromCharCode(code));

const isAddress = (host: string): boolean => host.startsWith('[') || ipv4End(host, 0) === host.length;

/** End of four numbers up to 255 with points between; -1 where there are none. */
export function ipv4End(text: string, at: number): number {
  let end = at;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text[end++] !== '.') return -1;
    const from = end;
    while (end - from < 4 && isDigit(text.charCodeAt(end))) end++;
    if (end === from || end - from > 3 || Number(text.slice(from, end)) > 255) return -1;
  }
  const isMore = isAlnum(text.charCodeAt(end)) || (text[end] === '.' && isDigit(text.charCodeAt(end + 1)));
  return isMore ? -1 : end;
}

/** Words in front of four numbers that are no address. */
const VERSION = /(?:ersion\b[^.\d]{0,12}|\bver[.:= ]{0,3}|\bv)$/i;

export function ipv4({ text, names }: Context, at: number): Span | null {
  if (text[at - 1] === '.') return null;
  const end = ipv4End(text, at);
  if (end < 0 || VERSION.test(text.slice(Math.max(0, at - 24), at))) return null;
  const address = text.slice(at, end);
  return { end, out: KEPT_ADDRESSES.has(address) ? address : names.of('ip', address) };
}

/** IPv6 and MAC addresses: groups of hex digits with colons between. */
export function colonAddress({ text, low, names }: Context, at: number): Span | null {
  const limit = Math.min(text.length, at + LONGEST_IPV6);
  let end = at;
  let colons = 0;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code === 58) colons++;
    else if (!isHexDigit(code) && code !== 46) break;
  }
  if (colons < 2 || (end === limit && limit < text.length)) return null;
  while (end > at && (text[end - 1] === '.' || (text[end - 1] === ':' && text[end - 2] !== ':'))) end--;
  if (isAlnum(text.charCodeAt(end)) || text[at - 1] === '!') return null;
  const address = low.slice(at, end);
  if (/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address)) return { end, out: names.of('mac', address) };
  if (!isIpv6(address)) return null;
  if (text[end] === '%') end = endOf(text, end + 1, isAlnum);
  return { end, out: KEPT_ADDRESSES.has(address) ? address : names.of('ip', address) };
}

function isIpv6(address: string): boolean {
  const gap = address.indexOf('::');
  if (gap >= 0 && address.indexOf('::', gap + 1) >= 0) return false;
  const groups = address.split(':').filter((group) => group !== '');
  const last = groups[groups.length - 1] ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && ipv4End(last, 0) !== last.length) return false;
  const plain = hasIpv4 ? groups.slice(0, -1) : groups;
  if (plain.some((group) => group.length > 4 || group.includes('.'))) return false;
  const count = plain.length + (hasIpv4 ? 2 : 0);
  return gap >= 0 ? count > 0 && count < 8 : count === 8;
}

/** `name@example.org`; `atomEnd` is where the `@` stands. */
export function mail({ text, low, names }: Context, at: number, atomEnd: number): Span | null {
  if (text[atomEnd] !== '@') return null;
  const first = endOf(text, atomEnd + 1, (code) => isAlnum(code) || code === 45);
  const end = dnsEnd(text, first);
  if (first === atomEnd + 1 || end === first) return null;
  return { end, out: names.of('mail', low.slice(at, end)) };
}

/** SIDs of accounts; those of Windows itself (`S-1-5-18`, `S-1-5-32-544`) have fewer parts, and stay. */
export function sid({ low, names, text }: Context, at: number): Span | null {
  if (!low.startsWith('s-1-', at)) return null;
  let end = endOf(text, at + 4, (code) => isDigit(code) || code === 45);
  while (text[end - 1] === '-') end--;
  if (low.slice(at, end).split('-').length < 6 || isAlnum(text.charCodeAt(end))) return null;
  return { end, out: names.of('sid', low.slice(at, end)) };
}
