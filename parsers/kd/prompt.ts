/** Prompts and the commands typed behind them. */

/** As many commands in one line as people type. */
const MAX_COMMANDS = 16;
const MAX_NAME = 40;

/** One command as typed. */
export interface Typed {
  /** In lower case, without the extension's name: `!poolused`, `kv`, `.time`. */
  readonly name: string;
  readonly args: string;
}

/**
 * A prompt of the kernel debugger or of a user-mode one, with marks of a heading in front in some published logs:
 *
 *     kd> !vm 1
 *     0: kd> !poolused 2
 *     0:kd> !deadlock
 *     lkd> !poolused
 *     0:035> kb
 *     ## 0:001> !cs
 */
const PROMPT =
  /^(?:#{1,6}\s{1,9})?(?:\|{1,2}\d{1,4}:)?(?:(?:(\d{1,4}):\s{0,9})?l?[Kk]d(?::[a-z]\w{0,9})?>|(\d{1,4}):(\d{3,5})(?::[a-z]\w{0,9})?>)/;

/** What a prompt says. */
export interface Prompt {
  /** What stands behind it, without blanks around it. */
  readonly rest: string;
  /** False for a user-mode debugger. */
  readonly isKernel: boolean;
  /** Current processor; null where the prompt has none. */
  readonly cpu: number | null;
  /** User mode: the debugger's number of the current thread. */
  readonly thread: number | null;
}

/** The prompt that begins a line; null where there is none. */
export function promptIn(trimmed: string): Prompt | null {
  // Most lines of a log are none, and begin in another way.
  if (!trimmed.includes('>')) return null;
  let found: Prompt | null = null;
  let rest = trimmed;
  // Some published logs have two: `0:000>3: kd> lm`. The last one counts.
  for (let n = 0; n < 3; n++) {
    const match = PROMPT.exec(rest);
    if (match === null) break;
    rest = rest.slice(match[0].length).trim();
    const [, cpu, , thread] = match;
    found = {
      rest,
      isKernel: thread === undefined,
      cpu: cpu === undefined ? null : Number(cpu),
      thread: thread === undefined ? null : Number(thread),
    };
  }
  return found;
}

/** What stands behind the prompt that begins a line, without blanks around it; null where there is no prompt. */
export const behindPrompt = (trimmed: string): string | null => promptIn(trimmed)?.rest ?? null;

/**
 * The command that the script of `tracekit dump --script` announces above its output, prompt or no prompt; null for any other line:
 *
 *     tracekit 12/39 !locks
 */
export const announcedIn = (trimmed: string): string | null =>
  trimmed.startsWith('tracekit ') ? (/^tracekit (?:\d{1,3}\/\d{1,3} )?(\S.{0,80})$/.exec(trimmed)?.[1] ?? null) : null;

// `.catch { !locks }`, `.foreach (cpu { .printf "0 1" }) { !pcr cpu }`: what the innermost block runs is the command.
const PROGRAM = /^\.(?:block|catch|do|else|elsif|foreach|for|if|while)\b/i;

/** The commands of a line, in order: `;` parts them outside of quotes, `//` begins a remark. */
export function typedIn(text: string): Typed[] {
  const isProgram = PROGRAM.test(text);
  return parts(text)
    .slice(0, MAX_COMMANDS)
    .map((part) => typed(isProgram ? inBlock(part) : part))
    .filter((one) => one !== null);
}

/** ` !pcr cpu` of `.foreach (cpu { .printf "0 1" }) { !pcr cpu } }`. */
function inBlock(part: string): string {
  let end = part.length;
  while (end > 0 && ' \t})'.includes(part[end - 1])) end--;
  return part.slice(part.lastIndexOf('{', end) + 1, end);
}

function parts(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (isQuoted || text[at] !== ';') continue;
    found.push(text.slice(from, at));
    from = at + 1;
  }
  found.push(text.slice(from));
  return found;
}

// `!kdexts.poolused /t5 2`, `.time`, `~1k`, `dt_IO_STACK_LOCATION`
const COMMAND = /^(?:!(?:\w{1,20}\.(?=[a-z]))?(\w{1,40})|(\.\w{1,40}|~\S{0,40}|[a-z]\w{0,40}|\S))/i;

function typed(part: string): Typed | null {
  const text = part.trim();
  const match = COMMAND.exec(text);
  if (match === null) return null;
  const name = match[1] === undefined ? match[2] : `!${match[1]}`;
  const args = text.slice(match[0].length).trim();
  const remark = args.search(/(?:^|\s)\/\//);
  return {
    name: name.slice(0, MAX_NAME).toLowerCase(),
    args: remark < 0 ? args : args.slice(0, remark).trim(),
  };
}

/** The first number among the arguments, hex as the debugger reads it; 0 where there is none. */
export function flagsOf(typed: Typed | null): number {
  // `!poolused /t5 2`: options begin with a slash or a dash.
  const word = (typed?.args ?? '').split(/\s+/).find((arg) => /^(?:0x)?[0-9a-f]{1,8}$/i.test(arg));
  return word === undefined ? 0 : Number.parseInt(word.replace(/^0x/i, ''), 16);
}
