/** Hosts: machines, servers, domains, with and without the DNS names behind them. */
import { endOf, folded, isAlnum, isDigit } from './characters.js';
import type { Names } from './names.js';
import { extensionOf } from './path-end.js';
import { PLAIN_WORDS } from './plain-words.js';

/** Labels in front of a DNS name that many have. */
const GENERIC = new Set(
  'www mail smtp imap ftp api app web proxy dns ns dc ad db sql auth login vpn cdn static docs intranet internal corp local lan'.split(
    ' ',
  ),
);
const PRIVATE_SUFFIXES = new Set('local lan corp internal intranet intra home ad'.split(' '));
const PUBLIC_SUFFIXES = new Set('com net org edu gov io de uk fr eu ch nl us cloud dev'.split(' '));
/** Whose names are in Windows' own texts. */
const KEPT_HOSTS = new Set(['localhost', 'microsoft.com', 'windows.com', 'windowsupdate.com', 'w3.org', 'windows.net']);

export type HostKind = 'server' | 'host' | 'domain';

/** True for a host that says nothing of the site. */
export function isKeptHost(host: string): boolean {
  const key = folded(host);
  return KEPT_HOSTS.has(key) || KEPT_HOSTS.has(key.split('.').slice(-2).join('.'));
}

/** Pseudonym of a host, the same with its DNS name and without it; both are known from here on, and so is the domain. */
export function hostPseudonym(names: Names, kind: HostKind, host: string): string {
  const key = folded(host);
  const dot = key.indexOf('.');
  const first = dot < 0 ? key : key.slice(0, dot);
  const isWhole = dot < 0 || kind === 'domain' || first.length < 3 || GENERIC.has(first) || PLAIN_WORDS.has(first);
  const pseudonym = names.of(kind, isWhole ? key : first);
  names.learn(kind, key, pseudonym);
  if (!isWhole) names.learn(kind, first, pseudonym);
  if (dot > 0) learnDomain(names, kind === 'domain' ? key : key.slice(dot + 1));
  return pseudonym;
}

function learnDomain(names: Names, domain: string): void {
  const [first, ...more] = domain.split('.');
  if (more.length === 0) return;
  const pseudonym = names.of('domain', domain);
  names.learn('domain', domain, pseudonym);
  if (!GENERIC.has(first)) names.learn('domain', first, pseudonym);
}

/** End of the DNS name that goes on behind a host's own: `.corp.example`, not `.log`. */
export function dnsEnd(text: string, from: number): number {
  let end = from;
  while (text[end] === '.' && isAlnum(text.charCodeAt(end + 1)) && !isDigit(text.charCodeAt(end + 1))) {
    const next = endOf(text, end + 1, (code) => isAlnum(code) || code === 45);
    if (extensionOf(text.slice(end, next)) !== '' && text[next] !== '.') break;
    end = next;
  }
  return end;
}

/** True for what can only be a DNS name: `db7.corp.example.local`. */
export function isDnsName(atom: string): boolean {
  const labels = atom.split('.');
  if (labels.length < 2 || labels.some((label) => label === '' || /[^a-z0-9-]/.test(label))) return false;
  const last = labels[labels.length - 1];
  if (PRIVATE_SUFFIXES.has(last)) return true;
  return PUBLIC_SUFFIXES.has(last) && !/^(?:system|microsoft|windows)$/.test(labels[0]) && !isKeptHost(atom);
}
