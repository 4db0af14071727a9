/**
 * Templates of messages. Messages of one shape (see scanner.ts) are one template at first. Shapes that differ in one word only are
 * one template with a variable word as soon as more than {@link MANY_WORDS} different words stand there: a rule that looks at
 * which shapes there are and not at their order, so the same lines in any order give the same templates: a shape counts as one more
 * word in all its places, also where it is of a template with a variable word already, and two such templates that a message may
 * be of both become one. Where shapes differ in several words at once and hardly any comes twice, the position with the most words
 * becomes variable (`relieve`): this is what keeps memory bounded.
 */
import { MAX_TOKENS, type Scanner, Token } from './scanner.js';
import type { TemplateToken } from './template-text.js';
import { covers, crowdKey, joined, keyWithout, mostWords, wildAt, withoutTexts } from './token-lists.js';

/** Different words in one place of which up to so many are as many templates. */
const MANY_WORDS = 8;
/** The same for texts that a structured event names: methods, devices. */
const MANY_NAMES = 32;
/** Shapes that are remembered; when there are more, they are found again by their templates. */
const MAX_SHAPES = 1 << 17;
/** Templates at one time; what comes after is one template. */
export const MAX_TEMPLATES = 20_000;
/** Templates from which on those that are hardly ever used are looked at. */
const RELIEVE_FROM = 4096;
const CROWD = 200;
const MAX_GROUPS = 500_000;
/** Templates of one event from which on the texts in its fields are variables: they name what the event is about no more. */
const MANY_OF_EVENT = 256;

/** A template: what its messages have in common. */
export interface Template {
  readonly id: number;
  readonly tokens: readonly TemplateToken[];
  /** What else its messages have in common: provider and event id. */
  readonly origin: number;
  readonly isStructured: boolean;
}

/** What tells a new shape from others. */
export type Shape = Omit<Template, 'id'>;

/** Shapes that differ in one word: their templates, and the words that stand there. */
interface Group {
  members: number[];
  words: string[];
  isMerged: boolean;
}

export class Templates {
  readonly list: Template[] = [];
  /** The template of all that comes when there are too many; -1 while there is room. */
  other = -1;
  /** Into which template each was merged; itself where in none. */
  readonly #into: number[] = [];
  #live = 0;
  #relieveAt = RELIEVE_FROM;
  /** By what shapes have in common; of a single one its template. */
  readonly #groups = new Map<number, number | Group>();
  /** Templates without a variable word, by their tokens: for shapes that are not remembered any more. */
  readonly #plain = new Map<number, number>();
  readonly #wild = new Map<number, number[]>();
  /** Templates made of each event with fields; -1 once the texts in them are variables. */
  readonly #ofEvent = new Map<number, number>();
  // Shapes by hash: open addressing, template + 1.
  #size = 1 << 12;
  #used = 0;
  #h1 = new Int32Array(this.#size);
  #h2 = new Int32Array(this.#size);
  #template = new Int32Array(this.#size);
  #mark = new Int32Array(this.#size);

  /** `countOf`: messages seen while a template was one. */
  constructor(private readonly countOf: (template: number) => number) {}

  /** The place of a shape; -1 where it is new: then its message is scanned again and `add`ed. Holds until the next `add`. */
  find(h1: number, h2: number): number {
    const mask = this.#size - 1;
    let slot = (h1 ^ (h2 >>> 9)) & mask;
    for (;;) {
      const template = this.#template[slot];
      if (template === 0) return -1;
      if (this.#h1[slot] === h1 && this.#h2[slot] === h2) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Template and mark of the shape in a place. */
  templateAt = (place: number): number => this.#template[place] - 1;
  markAt = (place: number): number => this.#mark[place];

  /** The place of a shape that is new. `mark` is kept with it: a number of the caller's. */
  add(h1: number, h2: number, shape: Shape, mark: number): number {
    const id = this.root(this.#templateOf(shape));
    return this.#remember(h1, h2, id, mark);
  }

  /** True where the texts in an event's fields are variables: its messages are to be scanned so. */
  hasTextVariables = (origin: number): boolean => this.#ofEvent.get(origin) === -1;

  /** A template that the user pins. */
  pin(pattern: string, origin: number): number {
    return this.#create([{ kind: Token.word, text: pattern }], origin, false).id;
  }

  /** The template that `id` has become. */
  root(id: number): number {
    let at = id;
    while (this.#into[at] !== at) at = this.#into[at];
    while (this.#into[id] !== at) [id, this.#into[id]] = [this.#into[id], at];
    return at;
  }

  /** Templates that were not merged into another one. */
  get live(): readonly Template[] {
    return this.list.filter(({ id }) => this.#into[id] === id);
  }

  /** Puts templates into those with a variable word that came to cover them. Called at the end. */
  settle(): void {
    for (const { id, tokens, origin } of this.live) {
      const wild = this.#covering(tokens, origin);
      if (wild >= 0 && wild !== id) this.#putInto(id, wild);
    }
    this.#pointAtRoots();
  }

  #templateOf({ tokens, origin, isStructured }: Shape): number {
    const key = keyWithout(tokens, -1, origin);
    const known = this.#plain.get(key);
    if (known !== undefined) return known;
    const wild = this.#covering(tokens, origin);
    if (wild >= 0) {
      this.#count(tokens, wild);
      return wild;
    }
    if (this.#live >= MAX_TEMPLATES) {
      if (this.other < 0) this.other = this.#create([], -1, false).id;
      return this.other;
    }
    const { id } = this.#create(tokens, origin, isStructured);
    this.#plain.set(key, id);
    if (isStructured && this.#isCrowdedEvent(origin)) {
      this.#maskTexts(origin);
      return this.root(id);
    }
    this.#count(tokens, id);
    if (this.#live >= this.#relieveAt) this.#relieve();
    return id;
  }

  #isCrowdedEvent(origin: number): boolean {
    const count = this.#ofEvent.get(origin) ?? 0;
    if (count < 0) return false;
    this.#ofEvent.set(origin, count + 1);
    return count + 1 > MANY_OF_EVENT;
  }

  /** Makes the texts in an event's fields variables, in all templates that it has so far. */
  #maskTexts(origin: number): void {
    this.#ofEvent.set(origin, -1);
    for (const { id, tokens, isStructured } of this.live) {
      if (this.list[id].origin !== origin || id === this.other) continue;
      const masked = withoutTexts(tokens);
      const key = keyWithout(masked, -1, origin);
      let into = this.#plain.get(key);
      if (into === undefined || this.root(into) === id) {
        into = this.#create(masked, origin, isStructured).id;
        this.#plain.set(key, into);
      }
      if (this.root(into) !== id) this.#putInto(id, this.root(into));
    }
    this.#pointAtRoots();
  }

  /** The template with a variable word that tokens are of; -1 where there is none. */
  #covering(tokens: readonly TemplateToken[], origin: number): number {
    for (const id of this.#wild.get(tokens.length) ?? []) {
      if (this.#into[id] === id && this.list[id].origin === origin && covers(this.list[id].tokens, tokens)) return id;
    }
    return -1;
  }

  #create(tokens: readonly TemplateToken[], origin: number, isStructured: boolean): Template {
    const template = { id: this.list.length, tokens, origin, isStructured };
    this.list.push(template);
    this.#into.push(template.id);
    this.#live++;
    return template;
  }

  /** Puts tokens of template `id` beside those that differ from them in one word, for each of their words that the template has. */
  #count(tokens: readonly TemplateToken[], id: number): void {
    const { origin, isStructured } = this.list[id];
    // A message of one word has nothing that it could have in common with another one.
    if (tokens.filter(({ kind }) => kind === Token.word).length < 2) return;
    for (let i = 0; i < tokens.length; i++) {
      if (tokens[i].kind !== Token.word || this.list[this.root(id)].tokens[i]?.kind !== Token.word) continue;
      const members = this.#crowded(keyWithout(tokens, i, origin), i, id, isStructured ? MANY_NAMES : MANY_WORDS);
      if (members !== null) this.#merge(members, wildAt(tokens, i), origin, isStructured);
    }
  }

  /** Adds the word at `i` of template `id` to a group; its members where there are too many words by now, else null. */
  #crowded(key: number, i: number, id: number, many: number): readonly number[] | null {
    const found = this.#groups.get(key);
    if (found === undefined) {
      if (this.#groups.size < MAX_GROUPS) this.#groups.set(key, id);
      return null;
    }
    const word = this.list[id].tokens[i].text;
    let group: Group;
    if (typeof found === 'number') {
      group = { members: [found], words: [this.list[found].tokens[i].text], isMerged: false };
      if (group.words[0] === word) return null;
      this.#groups.set(key, group);
    } else group = found;
    if (group.isMerged || group.words.includes(word)) return null;
    group.words.push(word);
    group.members.push(id);
    if (group.words.length <= many) return null;
    const { members } = group;
    group.isMerged = true;
    group.members = [];
    group.words = [];
    return members;
  }

  /** One template out of several, and of all others with a variable word that a message of it may be of. */
  #merge(members: readonly number[], tokens: readonly TemplateToken[], origin: number, structured: boolean): number {
    const wild = (this.#wild.get(tokens.length) ?? []).filter((other) => this.#into[other] === other);
    let all = tokens;
    for (let isMore = true; isMore; ) {
      isMore = false;
      for (const other of wild) {
        if (this.list[other].origin !== origin || covers(all, this.list[other].tokens)) continue;
        const both = joined(all, this.list[other].tokens);
        if (both === null) continue;
        all = both;
        isMore = true;
      }
    }
    const { id } = this.#create(all, origin, structured);
    for (const member of [...members, ...wild.filter((other) => this.list[other].origin === origin)]) {
      const root = this.root(member);
      if (root !== id && covers(all, this.list[root].tokens)) this.#putInto(root, id);
    }
    this.#wild.set(tokens.length, [...wild, id]);
    this.#pointAtRoots();
    this.#count(tokens, id);
    if (all !== tokens) this.#count(all, id);
    return this.root(id);
  }

  #putInto(id: number, into: number): void {
    this.#into[id] = into;
    this.#live--;
  }

  /**
   * Crowds of templates that begin with the same word, are as long, and of which most were seen once or twice: the place with the
   * most different words is a variable.
   */
  #relieve(): void {
    const crowds = new Map<number, number[]>();
    for (const { id, tokens, origin } of this.live) {
      if (id === this.other) continue;
      const key = crowdKey(tokens, origin);
      const crowd = crowds.get(key);
      if (crowd === undefined) crowds.set(key, [id]);
      else crowd.push(id);
    }
    for (const crowd of crowds.values()) if (crowd.length > CROWD && this.#isRare(crowd)) this.#thin(crowd);
    this.#relieveAt = Math.max(RELIEVE_FROM, Math.min(2 * this.#live, MAX_TEMPLATES));
    if (this.#live >= MAX_TEMPLATES) this.#relieveAt = Number.POSITIVE_INFINITY;
  }

  #isRare(crowd: readonly number[]): boolean {
    return crowd.filter((id) => this.countOf(id) <= 2).length > 0.6 * crowd.length;
  }

  #thin(crowd: readonly number[]): void {
    let left = crowd.map((id) => this.root(id));
    while (left.length > CROWD) {
      const place = mostWords(left.map((id) => this.list[id].tokens));
      if (place < 0) return;
      const alike = new Map<number, number[]>();
      for (const id of left) {
        const key = keyWithout(this.list[id].tokens, place, 0);
        const members = alike.get(key);
        if (members === undefined) alike.set(key, [id]);
        else members.push(id);
      }
      left = [...alike.values()].map((members) => {
        const { tokens, origin, isStructured } = this.list[members[0]];
        return this.#merge(members, wildAt(tokens, place), origin, isStructured);
      });
      left = [...new Set(left.map((id) => this.root(id)))];
    }
  }

  #remember(h1: number, h2: number, template: number, mark: number): number {
    if (this.#used >= MAX_SHAPES) this.#forget();
    if (this.#used * 2 >= this.#size) this.#grow();
    return this.#put(h1, h2, template, mark);
  }

  #put(h1: number, h2: number, template: number, mark: number): number {
    const mask = this.#size - 1;
    let slot = (h1 ^ (h2 >>> 9)) & mask;
    while (this.#template[slot] !== 0) slot = (slot + 1) & mask;
    this.#h1[slot] = h1;
    this.#h2[slot] = h2;
    this.#template[slot] = template + 1;
    this.#mark[slot] = mark;
    this.#used++;
    return slot;
  }

  #grow(): void {
    const [h1, h2, template, mark] = [this.#h1, this.#h2, this.#template, this.#mark];
    this.#size *= 2;
    this.#used = 0;
    this.#h1 = new Int32Array(this.#size);
    this.#h2 = new Int32Array(this.#size);
    this.#template = new Int32Array(this.#size);
    this.#mark = new Int32Array(this.#size);
    for (let i = 0; i < template.length; i++) if (template[i] !== 0) this.#put(h1[i], h2[i], template[i] - 1, mark[i]);
  }

  #forget(): void {
    this.#template.fill(0);
    this.#used = 0;
  }

  #pointAtRoots(): void {
    const template = this.#template;
    for (let i = 0; i < template.length; i++) if (template[i] !== 0) template[i] = this.root(template[i] - 1) + 1;
  }
}

/** The tokens of the message that the scanner has just recorded. */
export function tokensOf(scanner: Scanner, bytes: Buffer): TemplateToken[] {
  const tokens: TemplateToken[] = [];
  for (let i = 0; i < scanner.tokens; i++) {
    const kind = scanner.kind[i];
    const text = kind === Token.blank ? ' ' : bytes.toString('utf8', scanner.from[i], scanner.end[i]);
    tokens.push({ kind, text: kind === Token.word || text.length <= MAX_TOKENS ? text : text.slice(0, MAX_TOKENS) });
  }
  return tokens;
}
