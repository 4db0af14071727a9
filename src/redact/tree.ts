/** A deep copy of a report in which each text has been through the finder of names. */
import { hostPseudonym } from './hosts.js';
import { commandLine, processPseudonym } from './images.js';
import type { Names } from './names.js';
import { extensionOf } from './path-end.js';
import { redactedText } from './text.js';
import { isWindowsProcess } from './windows-names.js';

/** Values of the program's own: a name may be spelled the same, and says nothing then. */
const OWN_VALUES = new Set(
  (
    'dpc-watchdog-single dpc-watchdog-cumulative pool-leak process-factory local-in-zone time-of-day in-dump pool-tag pool-block dpc-routine ' +
    'alpc-message critical-section queued-spin-lock spin-lock push-lock fast-mutex message-box missing-thread user-input pool-commit ' +
    'process-commit called-it called-by-culprit event-id pooltag.txt utf-8 utf-16le utf-16be data-loss kernel timer'
  ).split(' '),
);

/** What is in fields of these names, whatever it looks like. */
const PROCESS_FIELDS = new Set(['process', 'processes', 'image', 'ownerImage']);
const PATH_FIELDS = new Set(['logFile']);
/** Records whose keys come from sources; in others only keys that are no names of fields are looked at. */
const FREE_KEYS = new Set(['states', 'events']);
const FIELD = /^[a-z][A-Za-z0-9]{0,40}$/;

export class Redactor {
  /** Texts that were redacted, so that each is looked at once. */
  #texts = new Map<string, string>();
  /** What several share stays shared. */
  #copies = new Map<object, unknown>();

  constructor(readonly names: Names) {}

  /** Forgets what was made so far, not the names: to be called when all of them have been found. */
  again(): void {
    this.#texts = new Map();
    this.#copies = new Map();
  }

  text(text: string): string {
    let made = this.#texts.get(text);
    if (made === undefined) {
      made = OWN_VALUES.has(text) ? text : redactedText(this.names, text);
      this.#texts.set(text, made);
    }
    return made;
  }

  /** The copy of `value`, which stands in field `field` of something in field `owner`. */
  copy<T>(value: T, field: string, owner: string): T {
    if (typeof value === 'string') return this.#field(value, field, owner) as T;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    let copy = this.#copies.get(value) as T | undefined;
    if (copy === undefined) {
      copy = this.#object(value, field, owner) as T;
      this.#copies.set(value, copy);
    }
    return copy;
  }

  #object(value: object, field: string, owner: string): unknown {
    if (Array.isArray(value)) return value.map((one) => this.copy(one, field, owner));
    if (value instanceof Set) return new Set([...value].map((one) => this.copy(one, field, owner)));
    if (value instanceof Map) {
      return new Map([...value].map(([key, one]) => [this.copy(key, '', field), this.copy(one, '', field)]));
    }
    const kind = (value as { kind?: unknown }).kind;
    const entries = Object.entries(value).map(([key, one]) => {
      const shown = FIELD.test(key) && !FREE_KEYS.has(field) ? key : this.text(key);
      if (key === 'key' && typeof one === 'string' && typeof kind === 'string') return [shown, this.#joined(kind, one)];
      return [shown, this.copy(one, key, field)];
    });
    return Object.fromEntries(entries);
  }

  #field(text: string, field: string, owner: string): string {
    if (PROCESS_FIELDS.has(field)) return this.#process(text);
    if (field === 'commandLine') return commandLine({ names: this.names, redacted: (part) => this.text(part) }, text);
    if (field === 'machine' && isBareName(text)) return hostPseudonym(this.names, 'host', text);
    if (field === 'remote' && isBareName(text)) return hostPseudonym(this.names, 'server', text);
    if ((field === 'path' && owner === 'sources') || PATH_FIELDS.has(field)) return this.#path(text);
    return this.text(text);
  }

  #process(text: string): string {
    if (isWindowsProcess(text) || !/^[\p{L}\p{N}_][^\\/:|"()]{0,255}$/u.test(text)) return this.text(text);
    // Modules are images as well, and addresses stand where only those are known.
    if (/^0x|\.(?:sys|dll|drv)$/i.test(text)) return this.text(text);
    return processPseudonym(this.names, text) + (/\.exe$/i.test(text) ? '.exe' : '');
  }

  /** What a join is by. */
  #joined(kind: string, key: string): string {
    if (kind === 'process') return this.#process(key);
    if (kind === 'server' && isBareName(key)) return hostPseudonym(this.names, 'server', key);
    if (kind === 'path') return this.#path(key);
    return this.text(key);
  }

  /** A path as a whole, however it is written: of a file that was read. */
  #path(path: string): string {
    if (path === '-' || path === '') return path;
    const low = path.toLowerCase().replace(/[\\/]+/g, '\\');
    const name = low.slice(low.lastIndexOf('\\') + 1);
    const pseudonym = `${this.names.of('path', low)}${extensionOf(path)}`;
    this.names.learn('path', path, pseudonym);
    this.names.learn('path', name, pseudonym);
    return pseudonym;
  }
}

const isBareName = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,255}$/u.test(text);
