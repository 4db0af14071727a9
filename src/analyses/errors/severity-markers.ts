/** Markers: what a program itself says of the level of its message, in front of it. */

export interface Marker {
  level: 'critical' | 'error' | 'warning' | 'information' | 'verbose';
  /** As it stands in the message. */
  quote: string;
}

/** A marker stands near the beginning. */
const READ_CHARS = 240;

const LEVELS: readonly (readonly [level: Marker['level'], words: string])[] = [
  [
    'critical',
    'fatal|critical|crit|panic|emergency|emerg|kritisch|critique|crítico|critico|krytyczny|критическая|致命的|严重|嚴重|치명적',
  ],
  [
    'error',
    'error|err|erro|fehler|erreur|errore|fout|błąd|ошибка|エラー|错误|錯誤|오류|에러|failure|failed|fail|severe|assert|assertion|exception|échec|fallo|falha|сбой|失敗|失败|실패',
  ],
  [
    'warning',
    'warning|warn|wrn|caution|warnung|avertissement|advertencia|aviso|avviso|attenzione|waarschuwing|ostrzeżenie|предупреждение|внимание|警告|注意|경고|주의',
  ],
  ['information', 'information|info|inf|notice|informazioni|informação|información|информация|情報|信息|資訊|정보'],
  ['verbose', 'verbose|debug|dbg|trace|trc|verb'],
];
const LETTERS: Readonly<Record<string, Marker['level']>> = {
  f: 'critical',
  e: 'error',
  w: 'warning',
  i: 'information',
  d: 'verbose',
  v: 'verbose',
};
const ALL = LEVELS.map(([, words]) => words).join('|');

/** `[3]`, `(db)`, a time: what may stand before a marker. */
const FRONT = '(?:[\\[(<{][^\\])>}\\n]{0,60}[\\])>}][\\s:|-]{0,4}|[\\d:.,/TZ+-]{2,30}\\s{1,4}){0,5}';
/** `module: `, `Class::Method - `. */
const OWNER = '(?:[\\p{L}\\p{N}_.:!~-]{1,60}(?:\\(\\))?\\s?(?::| -)\\s{1,3}){0,2}';
/** `Error 5:`, `Error (0x5):`, `Error E123:`. */
const NUMBER = '(?:\\s{0,2}[#(]?\\s?[A-Z]{0,4}-?(?:0x[0-9a-f]{1,8}|\\d{1,6})\\)?)?';

const LEADING = new RegExp(
  `^[\\s*#!>•·-]{0,10}${FRONT}${OWNER}[*#!>]{0,6}\\s{0,2}((?:${ALL})${NUMBER}\\s{0,2}(?:[:：]|[*!]{1,6}(?=\\s|$)|\\s-{1,2}\\s))`,
  'iu',
);
const BRACKETED = new RegExp(
  `(?:^[\\s*#!>•·-]{0,10}${FRONT}([\\[(<{|【]\\s{0,3}(?:${ALL})\\s{0,5}[\\])>}|】])|(?<=^[^\\n]{0,120})(?<!(?<!\\p{L})(?:to|is|of|or|as|level|severity|filter)\\s|[=,])(\\[\\s{0,3}(?:${ALL})\\s{0,5}\\]))`,
  'iu',
);
const STARRED = new RegExp(`(\\*{2,8}\\s{0,2}(?:${ALL})\\s{0,2}\\*{2,8})`, 'iu');
const LEVEL_FIELD = `"?\\s{0,2}[:=]\\s{0,2}("?(?:${ALL})"?)(?![\\p{L}\\p{N}_])`;
/** `level=error msg=…`, `time=… level=warn …`: in front, and not all there is. `LogLevel=Warning` is a setting. */
const FIELD = new RegExp(
  `^(?:(?:time|ts|t|date)=\\S{1,40} )?"?(?:level|lvl|severity)${LEVEL_FIELD}(?=[\\s,;]{1,3}\\S)`,
  'iu',
);
const LEVEL_KEY = `(?<![\\p{L}\\p{N}_])(?:log_?)?(?:level|lvl|severity)${LEVEL_FIELD}`;
/** `caller=a.go`, `"logger":"db"`: no sentence has these. */
const OF_LOGGER = '(?<!\\p{L})(?:"(?:caller|logger)"\\s?:|(?:caller|logger)=)';
/** `{"ts":1, "level":"error", "msg":"boom"}`: the message is behind, for `Provider:X Level:Critical Keywords:0x1` is a setting. */
const FIELD_AND_MESSAGE = new RegExp(
  `^[^\\n]{0,160}${LEVEL_KEY}(?=[^\\n]{0,${READ_CHARS}}(?:(?<!\\p{L})(?:"(?:msg|message|event|err)"\\s?:|(?:msg|message|event|err)=|(?:msg|message):)|${OF_LOGGER}))`,
  'iu',
);
/** `msg=boom code=3 level=error`: each a field of one word. */
const WORD_FIELDS =
  '(?<!\\p{L})(?:msg|message|event|err)=[^\\s"]{1,80}(?:\\s\\w{1,30}=[^\\s"]{1,60}){0,6}\\s(?=(?:log_?)?(?:level|lvl|severity)=)';
/** `{"msg":"boom", "level":"error"}`, `msg="boom" level=error`: the message ends in front of the level. */
const MESSAGE_AND_FIELD = new RegExp(
  `^[^\\n]{0,160}?(?:(?<!\\p{L})(?:msg|message|event|err)"?\\s?[:=]\\s?"(?:[^"\\\\\\n]|\\\\.){0,${READ_CHARS}}"[\\s,;]|${WORD_FIELDS}|${OF_LOGGER})[^\\n]{0,160}${LEVEL_KEY}`,
  'iu',
);
/** The kernel of Linux calls these information. */
const NO_INFORMATION = /INFO: (?:task [^\n]{1,60} blocked for more than|rcu_\w{1,20} (?:self-)?detected)/;
const LETTER = /^[\s]{0,4}(?:\[[EWIFDV]\]|<[EWIFDV]>|[EWIFDV]\/[\w.-]{1,40}(?=\(|:\s)|[EWIFDV](?=:\s|\s\|\s))/;
/** `2024-05-01 10:00:00,123 [main] ERROR …`: in capitals, behind words that have digits or brackets. */
const COLUMN =
  /^(?:(?=[^\s]{0,40}[\d[\]():])[^\s]{1,80}\s{1,5}){0,5}(ERROR|ERR|WARN|WARNING|WRN|FATAL|CRITICAL|SEVERE|INFO|INF|DEBUG|DBG|TRACE|FAIL|FAILED)(?=[\s:|\]])/;
/** `System.IO.IOException: …`, `TypeError: …`. */
const THROWN =
  /^[^\p{L}\n]{0,10}(?:(?:unhandled|uncaught) )?(?:exception:?\s)?((?!\w{0,20}(?:[Ll]ast|[Pp]rev|[Gg]et|[Ss]et|[Oo]n|[Ii]s|[Hh]as|[Ss]how|[Ll]og)Error)[\p{L}_][\p{L}\p{N}_.]{2,120}(?:Exception|Error)(?:\s\(0x[0-9a-fA-F]{1,8}\))?:)(?=\s)(?!\s{1,2}(?:0|none|null|nil|no|false|ok|n\/a)[\s.,;]{0,3}(?:$|,|;))/u;
/** `ERR …`, `npm ERR! …`, `BUG: …`, `NullPointerException in …`, `Traceback (most recent call last):`. */
const OPENING =
  /^(?:ERR(?=\s)|[\w.-]{1,30} ERR!|(?:[\w.-]{1,30}: )?(?:BUG|Oops)(?=:)|Traceback \(most recent call last\)|(?:[A-Za-z_]\w{0,60}\.){1,10}\w{2,80}(?:Exception|Error)(?=\s*$)|[\w.]{2,100}[a-z](?:Exception|Error)(?= (?:in|at|while|during|thrown|raised|occurred|was thrown)\b))/;

/** The marker of a message, null where it has none. */
export function markerIn(message: string): Marker | null {
  const text = message.slice(0, READ_CHARS);
  const letter = LETTER.exec(text);
  if (letter !== null) return { level: LETTERS[/[a-z]/i.exec(letter[0])![0].toLowerCase()], quote: letter[0].trim() };
  const thrown = THROWN.exec(text);
  if (thrown !== null) return { level: 'error', quote: thrown[1] };
  const kernel = NO_INFORMATION.exec(text);
  if (kernel !== null) return { level: 'error', quote: kernel[0] };
  for (const pattern of [LEADING, STARRED, BRACKETED, COLUMN, FIELD, FIELD_AND_MESSAGE, MESSAGE_AND_FIELD]) {
    const match = pattern.exec(text);
    const marker = match?.[1] ?? match?.[2];
    if (marker !== undefined) return { level: levelOf(marker), quote: marker.trim() };
  }
  const opening = OPENING.exec(text);
  return opening === null ? null : { level: 'error', quote: opening[0] };
}

const levelOf = (marker: string): Marker['level'] => WORDS.find(([, words]) => words.test(marker))![0];
const WORDS = LEVELS.map(([level, words]) => [level, new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})`, 'iu')] as const);
