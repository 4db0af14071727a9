/** Messages of the traces that may tell why a root stands still: by its thread, its process, its component, and its rhythm. */
import type { ErrorsResult, MessageTemplate, Periodic } from '../../../src/analyses/errors/result.js';
import { pushTo } from '../../../src/core/push-to.js';
import type { Case } from '../../case.js';
import { ofTries, periodNear } from '../../chance.js';
import { isCommonWord, isSameImage, moduleKey, sharedPhrase, wordsOf } from '../../names.js';
import { componentModules, componentNames, componentWords, type Root } from './roots.js';

/** What ties a template to a root. */
export interface MessageMatch {
  readonly template: MessageTemplate;
  readonly periodic: Periodic | null;
  /** The root's thread says it. */
  readonly isThread: boolean;
  /** Its process does. */
  readonly isProcess: boolean;
  /** Said by processes of another image than the root's; null where that is not known. */
  readonly isOther: boolean | null;
  /** Its provider or function is a module of the stack. */
  readonly module: string | null;
  /** Words that both share, the rare ones first. */
  readonly words: readonly string[];
  /** Words that follow each other in both: of a name in the stack, and in the message. */
  readonly phrase: readonly string[] | null;
  /** How likely so many words are shared by chance, among all templates; null where none are. */
  readonly wordChance: number | null;
  /** Period ÷ sleep; null where one of them is not known. */
  readonly ratio: number | null;
  readonly rhythmChance: number | null;
  readonly isError: boolean;
  /** Counts attempts, or says that it waits or sleeps. */
  readonly isRetry: boolean;
}

const ERRORS = new Set(['critical', 'error', 'warning']);
const RETRY = /\b(?:retry|retries|retrying|attempt|sleep(?:s|ing)?|wait(?:s|ing)?|timed? ?out|timeout|again)\b/i;
/** As near as a period must be to the sleep: the loop's own work comes on top, and clocks round. */
export const NEAR = { least: 0.9, most: 1.35 } as const;
/** Periods that are looked at, for the chance. */
const PERIODS_MS = { from: 10, to: 3_600_000 } as const;
const MAX_MATCHES = 8;

/** Templates with their words, which are looked at for each root. */
export interface Vocabulary {
  readonly templates: readonly { readonly template: MessageTemplate; readonly words: readonly string[] }[];
  /** In how many templates each word is. */
  readonly spread: ReadonlyMap<string, number>;
  /** By id of the template. */
  readonly rhythms: ReadonlyMap<string, readonly Periodic[]>;
}

export function vocabularyOf(errors: ErrorsResult | null): Vocabulary {
  const templates = (errors?.templates ?? []).map((template) => ({ template, words: wordsOf(plainText(template)) }));
  const spread = new Map<string, number>();
  for (const { words } of templates) for (const word of words) spread.set(word, (spread.get(word) ?? 0) + 1);
  const rhythms = new Map<string, Periodic[]>();
  for (const one of errors?.periodic ?? []) if (one.templateId !== null) pushTo(rhythms, one.templateId, one);
  return { templates, spread, rhythms };
}

export function messageMatches(root: Root, { templates, spread, rhythms }: Vocabulary, all: Case): MessageMatch[] {
  const { errors } = all;
  if (errors === null) return [];
  const names = componentNames(root);
  const words = componentWords(root);
  const modules = componentModules(root);
  const look: Look = { root, names, words, modules, spread, rhythms, errors, all };
  return templates
    .map((one) => matchOf(one, look))
    .filter((match) => weight(match) > 0)
    .sort((a, b) => weight(b) - weight(a) || b.template.count - a.template.count)
    .slice(0, MAX_MATCHES);
}

/** Without what varies. */
const plainText = ({ template, provider, function: fn }: MessageTemplate): string =>
  `${template.replace(/<[^>]{0,40}>/g, ' ')} ${provider ?? ''} ${fn ?? ''}`;

const longest = (phrases: readonly (readonly string[] | null)[]): readonly string[] | null =>
  phrases.reduce((best, phrase) => ((phrase?.length ?? 0) > (best?.length ?? 0) ? phrase : best), null);

/** What a template is compared with. */
interface Look {
  readonly root: Root;
  readonly names: readonly string[];
  readonly words: ReadonlySet<string>;
  readonly modules: ReadonlySet<string>;
  readonly spread: ReadonlyMap<string, number>;
  readonly rhythms: Vocabulary['rhythms'];
  readonly errors: ErrorsResult;
  readonly all: Case;
}

function matchOf({ template, words: own }: Vocabulary['templates'][number], look: Look): MessageMatch {
  const { root, names, words, modules, spread, rhythms, errors, all } = look;
  const of = errors.templates.length;
  const shared = own
    .filter((word) => words.has(word) && word.length > 1 && !isCommonWord(word))
    .sort((a, b) => (spread.get(a) ?? 0) - (spread.get(b) ?? 0));
  const named =
    [template.provider, template.function].find(
      (name) => name !== null && modules.has(moduleKey(name.split('!')[0])),
    ) ?? null;
  const periodic = bestRhythm(rhythms.get(template.id) ?? [], root);
  const isRhythmMuch = periodic !== null && root.sleepMs !== null;
  const ratio = isRhythmMuch ? periodic.periodMs / (root.sleepMs as number) : null;
  return {
    template,
    periodic,
    isThread: isOfThread(template, root, all),
    isProcess: isOfProcess(template, root),
    isOther: isOfOther(template, root),
    module: named,
    words: shared,
    // A phrase has a word that is not common.
    phrase: shared.length === 0 ? null : longest(names.map((name) => sharedPhrase(name, plainText(template)))),
    wordChance: chanceOfWords(shared, spread, of),
    ratio,
    rhythmChance: ratio === null ? null : chanceOfRatio(ratio, errors.periodic.length * sleepersOf(all)),
    isError: template.level !== null && ERRORS.has(template.level),
    isRetry: RETRY.test(template.template) || periodic?.retry != null,
  };
}

/** Fewer templates do not tell how common a word is. */
const LEAST_TEMPLATES = 20;

/** Among all templates one that happens to have these words: by how many others have each. */
function chanceOfWords(shared: readonly string[], spread: ReadonlyMap<string, number>, of: number): number | null {
  if (shared.length === 0 || of < LEAST_TEMPLATES) return null;
  const p = shared.reduce((all, word) => all * Math.min(1, ((spread.get(word) ?? 1) - 0.5) / of), 1);
  return ofTries(p, of);
}

/** Roots whose sleep is known: each is compared with each rhythm. */
const sleepersOf = ({ dump }: Case): number =>
  Math.max(1, new Set(dump.chains.filter(({ root }) => root.sleepMs !== null).map(({ root }) => root.node)).size);

/** Among all pairs of a rhythm and a sleep one this near. */
function chanceOfRatio(ratio: number, rhythms: number): number {
  const off = Math.max(0.005, Math.abs(ratio - 1));
  return ofTries(periodNear(Math.min(0.9, off), PERIODS_MS.from, PERIODS_MS.to), Math.max(1, rhythms));
}

/** Of a template's rhythms the one nearest to the sleep. */
function bestRhythm(own: readonly Periodic[], { sleepMs }: Root): Periodic | null {
  if (own.length === 0) return null;
  if (sleepMs === null) return own[0];
  return own.reduce((a, b) =>
    Math.abs(Math.log(b.periodMs / sleepMs)) < Math.abs(Math.log(a.periodMs / sleepMs)) ? b : a,
  );
}

/** The template's own process must be the thread's: another process may have used the same thread number. */
function isOfThread({ tids, pids, processes }: MessageTemplate, { thread }: Root, all: Case): boolean {
  if (thread === null || thread.tid === null || !tids.includes(thread.tid)) return false;
  if (isOfEveryMachine(thread.pid) && all.boot.isSame !== true) return false;
  if (all.threads.match(thread) === null) return false;
  const { pid, process } = thread;
  const fitsPid = pid === null || pids.length === 0 || pids.includes(pid);
  const fitsImage = process === null || processes.length === 0 || processes.some((one) => isSameImage(one, process));
  return fitsPid && fitsImage;
}

/** System and Idle have the same number everywhere, and their first threads, too. */
const isOfEveryMachine = (pid: number | null): boolean => pid !== null && pid <= 4;

const isOfProcess = ({ pids, processes }: MessageTemplate, { pid, process }: Root): boolean =>
  !isOfEveryMachine(pid) && isSaidBy(pids, processes, pid, process);

const isSaidBy = (
  pids: readonly number[],
  processes: readonly string[],
  pid: number | null,
  process: string | null,
): boolean =>
  (pid !== null &&
    pids.includes(pid) &&
    (processes.length === 0 || process === null || processes.some((one) => isSameImage(one, process)))) ||
  (process !== null && processes.some((one) => isSameImage(one, process)) && !isHost(process));

/** One image for many services: its name alone says nothing. */
const isHost = (image: string): boolean =>
  /^(?:system|svchost|dllhost|rundll32|w3wp|wmiprvse|java|python|node|dotnet)(?:\.exe)?$/i.test(image);

function isOfOther({ pids, processes }: MessageTemplate, { pid, process }: Root): boolean | null {
  if (process !== null && processes.length > 0) return !processes.some((one) => isSameImage(one, process));
  if (pid !== null && pids.length > 0) return !pids.includes(pid);
  return null;
}

/** What a match is worth before its details: for choosing. */
function weight({
  isThread,
  isProcess,
  module,
  words,
  phrase,
  ratio,
  isError,
  isRetry,
  isOther,
}: MessageMatch): number {
  const tie =
    (isThread ? 6 : 0) +
    (isProcess ? 3 : 0) +
    (module !== null ? 4 : 0) +
    (phrase !== null ? 4 : Math.min(4, 2 * words.length));
  const isNear = ratio !== null && ratio >= NEAR.least && ratio <= NEAR.most;
  // A rhythm alone ties nobody's messages to a thread.
  if (tie === 0 && !isNear) return 0;
  if (!isError && !isRetry && !isNear) return 0;
  return tie + (isNear ? 3 : 0) + (isError ? 2 : 0) + (isRetry ? 1 : 0) - (isOther && !isThread ? 3 : 0);
}
