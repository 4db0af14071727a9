/**
 * Where words of trouble mean none: `0 errors`, `no error`, `on failure restart`, `if this fails`, `error handler installed`,
 * names of files, questions. They are blotted out before the other words are looked at. Sources of regular expressions.
 */
import { TROUBLES } from './severity-english.js';

const NOTHING =
  '(?:0x0{1,16}|0|none|null|nil|no|false|off|n/a|ok|success|nothing|keine|aucune|ninguno|nessuno|nenhum|нет)';
/** `Error: 0 bytes free` is not `errors: 0`. */
const NOT_A_COUNT =
  '(?![\\p{L}\\p{N}_]|[.,]\\d|\\s{1,2}(?!of\\b|and\\b|or\\b|passed|succeeded|warnings?|errors?|total|found|detected|reported|yet|in\\b)\\p{L})';
/** `Fehler: 0`, but not `Fehler: 0x5`, nor `Fehler: keine Verbindung`. */
const NOT_NEXT = '(?![\\d.x]|[ \\t]?\\p{L})';
const FAILED =
  'retry|failed|failing|fail|fails|rejected|lost|dropped|denied|aborted|corrupt(?:ed)?|timed out|crashed|skipped|leaked|invalid|missing|refused';

/**
 * Said of nothing, in the languages. These hold even behind a marker: `Error: none`. First negations of English nouns, counts of
 * nothing, negated verbs.
 */
export const NEGATED_WITH_EDGES = [
  "[\\p{L}’']{3,25}\\s{0,2}[:：=]\\s{0,2}(?:keine[rs]?|aucune?|ningun[oa]|ninguno|nessun[oa]|nenhuma?|geen|brak|нет|なし|无|無|없음|none)(?=[\\s.!]{0,3}$|[,;])",
  `(?:${FAILED}) \\p{L}{2,20} 0(?=[\\s.]{0,3}$|[,;]|\\s\\p{L})`,
  'no longer (?:failed|failing|lost|missing|unreachable|unavailable|blocked|stuck|degraded|full|locked|expired|invalid|corrupt(?:ed)?|denied|rejected|hung)',
  '(?:nothing|nobody|none|no one|neither|not a single|no) (?:[\\p{L}\\d]{1,15} ){0,6}?(?:has |have |was |were |is |are |had )?(?:been )?(?:failed|lost|corrupt(?:ed)?|damaged|denied|rejected|refused|dropped|discarded|missing|crashed|aborted|leaked)',
  `(?:\\p{L}{1,20}[ _-]){0,2}(?:${FAILED}|${TROUBLES}|unreachable|unavailable|expired|discarded|damaged|exceeded|[\\p{L}’']{4,25}(?:é|ée|és|ées|ado|ados|ada|adas|ido|idos|ida|idas|ati|ate|iti|ute|en|ts?))\\s{0,2}[:=]\\s{0,2}(?:0|none|false|off|disabled)(?![\\p{L}\\p{N}_]|[.,]\\d|\\s\\p{L})`,
  '(?:failed|rejected|lost|dropped|aborted|error|failure|bad|invalid|retry) (?:(?!to\\b)\\p{L}{1,15} ){0,2}?(?!to\\b)\\p{L}{1,15}\\s{0,2}(?:[:=]|is|was)\\s{0,2}0(?![\\p{L}\\d.x])',
  `(?:no|without|without any|(?<!by )zero|not any|neither|never an?|free of) (?:[\\p{L}-]{1,20} ){0,2}?(?:${TROUBLES})(?:(?:,| or| and|/| nor)\\s{0,2}(?:${TROUBLES})){0,3}`,
  `0 (?:[\\p{L}-]{1,20} ){0,2}?(?:errors|failures|faults|exceptions|warnings|problems|issues|time-?outs|leaks|retries|crashes|error\\(s\\)|failure\\(s\\)|warning\\(s\\))`,
  `(?<=^|[,;:=(|[/]\\s{0,3}|\\b(?:and|with|was|were|passed|succeeded) )(?:0|no|zero|none) (?:[\\p{L}]{1,20} ){0,2}?(?:${FAILED}|${TROUBLES})`,
  `(?:${TROUBLES}|${FAILED})[ _-]?(?:count|code|number|total|rate|status|flag|detected|found|reported)?(?:\\(s\\))?\\s{0,3}(?:[:=]|is|was|->)?\\s{0,3}${NOTHING}${NOT_A_COUNT}`,
  "(?:(?:did|does|do|has|have|had|is|was|were|will|would|should|must|are) not|(?:did|does|do|has|have|had|is|was|were|wo|would|should|are)n['’]t|cannot|never|not) (?:\\p{L}{1,15} ){0,2}?(?:fail|fails|failed|time out|timed out|crash|crashed|abort|aborted|corrupt|corrupted|deadlock|(?:an? )?(?:errors?|failure)|fatal|critical|lost)",
  'non-?\\s?(?:fatal|critical)|mission-critical|critical (?:sections?|path|regions?)|with the exception of|(?:fault|error|fail|failure)-?(?:tolerant|tolerance|free|safe|soft|over|back|proof)|fault tolera(?:nt|nce)|error free|fail safe',
  // German
  `(?:keine?|keinerlei|ohne|null|0) (?:\\p{L}{1,20} ){0,2}?(?:\\p{L}{0,20}fehlern?|probleme?n?|ausnahmen?|warnungen|fehlschläge)|fehlerfrei\\p{L}{0,2}|fehlerlos\\p{L}{0,2}|nicht (?:fehlgeschlagen|abgebrochen|beschädigt|verloren)|fehler(?:code|anzahl|zahl)?\\s{0,2}[:=]?\\s{0,2}(?:0|keine)${NOT_NEXT}`,
  // French
  `(?:(?:aucune?|sans|zéro|0|pas) |(?:pas|plus) d['’]\\s?)(?:\\p{L}{1,20} )?(?:erreurs?|échecs?|problèmes?|avertissements?|exceptions?|défaillances?)|n['’](?:a|ont) pas échoué|erreurs?\\s{0,2}[:=]\\s{0,2}(?:0|aucune)${NOT_NEXT}`,
  // Spanish
  `0 (?:errores|fallos|problemas|excepciones|advertencias)|(?:sin|ning[uú]n|ninguna|cero|no (?:hay|hubo|se (?:produj|encontr|detect)\\p{L}{1,6})) (?:\\p{L}{1,20} ){0,2}?(?:errores|error|fallos?|problemas?|excepciones|advertencias)|no (?:falló|ha fallado)|errores\\s{0,2}[:=]\\s{0,2}(?:0|ninguno)${NOT_NEXT}`,
  // Italian
  `(?:nessuna?|nessun|senza|zero|0|non (?:ci sono|si sono verificati|sono stati (?:rilevati|trovati))) (?:\\p{L}{1,20} ){0,2}?(?:errori|errore|problemi|eccezioni|avvisi)|non è fallit[oa]|errori\\s{0,2}[:=]\\s{0,2}(?:0|nessuno)${NOT_NEXT}`,
  // Portuguese
  `(?:sem|nenhuma?|nenhum|zero|0|não (?:há|houve|ocorreram|foram encontrad[oa]s)) (?:\\p{L}{1,20} ){0,2}?(?:erros?|falhas?|problemas?|exceções|avisos)|não falhou|erros\\s{0,2}[:=]\\s{0,2}(?:0|nenhum)${NOT_NEXT}`,
  // Dutch
  `(?:geen|zonder|nul|0) (?:\\p{L}{1,20} ){0,2}?(?:fouten|fout|problemen|waarschuwingen|storingen)|foutloos|niet mislukt|fouten\\s{0,2}[:=]\\s{0,2}(?:0|geen)${NOT_NEXT}`,
  // Polish
  `(?:brak|bez|zero|0|nie (?:ma|wykryto|było|znaleziono|wystąpił\\p{L}{0,2})) (?:\\p{L}{1,20} ){0,2}?(?:błęd\\p{L}{1,3}|problem\\p{L}{1,3}|ostrzeżeń|wyjątk\\p{L}{1,3})|błęd\\p{L}{1,3}\\s{0,2}[:=]\\s{0,2}(?:0|brak)${NOT_NEXT}`,
  // Russian
  `(?:нет|без|ноль|0|не (?:обнаружено|найдено|было|возникло|произошло|выявлено)) (?:\\p{L}{1,20} ){0,2}?(?:ошиб\\p{L}{1,4}|сбоев|проблем|исключений|предупреждений)|(?:ошиб\\p{L}{1,4}|сбоев|проблем) (?:нет|не (?:обнаружено|найдено|было|выявлено|возникло))|ошиб\\p{L}{1,4}\\s{0,2}[:=]\\s{0,2}(?:0|нет)${NOT_NEXT}`,
].join('|');

export const NEGATED_WITHOUT_EDGES = [
  `(?:エラー|障害|失敗|異常|問題|警告|例外)(?:は|が|も)?(?:ありません|ありませんでした|なし|ない|無し|(?:発生|検出|報告)(?:して|されて)?い?ません|(?:発生|検出)(?:しません|されません)でした|見つかりません(?:でした)?)|(?:エラー|失敗|警告)(?:数|件数|コード)?\\s{0,2}[:：=]?\\s{0,2}[0０]${NOT_NEXT}|失敗(?:しませんでした|していません|しない)|正常終了`,
  `(?:没有|沒有|无|無|未(?:发现|發現|发生|發生|检测到|檢測到|出现)|不存在|零|(?<!\\d)0\\s?)(?:任何|发生|發生|发现|检测到|个|個)?(?:错误|錯誤|失败|失敗|异常|異常|问题|問題|警告)|(?:错误|錯誤|失败|失敗|异常|警告)(?:数|數|代码|代碼|码|计数)?\\s{0,2}[:：=]?\\s{0,2}(?:0|无|無|没有)${NOT_NEXT}|(?:未|没有)(?:失败|失敗|出错)`,
  `(?:오류|에러|실패|문제|예외|경고)(?:가|는|이|도|은)?\\s?(?:없(?:습니다|음|이|었)|발생하지 않)|(?:오류|에러|실패|경고)(?: ?수| ?코드)?\\s{0,2}[:=]?\\s{0,2}0${NOT_NEXT}|0\\s?(?:개|건)의? ?(?:오류|에러|실패)|실패하지 않`,
].join('|');

const PAST =
  'failed|denied|refused|rejected|aborted|lost|dropped|discarded|corrupt(?:ed)?|damaged|invalid|missing|unavailable|unreachable|exceeded|expired|full|stuck|truncated|not (?:found|available|supported|allowed|reachable|responding|valid|ready)';
const POLICIES =
  'retry|retries|restarts?|reboot|continue|resume|abort|stop|exit|ignore|break|rollback|roll back|skip|pause|quit|actions?|behaviou?r|policy|notify|alert|halt|close|reset|dump|log|recovery';
const COMPOUNDS =
  'handlers?|logs?|log ?file|report(?:s|er)?|recovery|correction|levels?|rates?|mode|pages?|detection|detector|callbacks?|injection|thresholds?|counters?|statistics|stats|tables?|queues?|stream|output|channel|checker|filters?|limits?|polic(?:y|ies)|actions?|dialog|tolerance|budget|strings?|texts?|lists?|class(?:es)?|codes|prevention|routine|hook|domains?|value|period|interval|settings?|monitor|manager|service|provider|module|subsystem|category|type|types|bucket|dumps?|checks?|timer|area|path';
const TIME =
  '(?:\\d{1,9}(?:[.,]\\d{1,6})?\\s{0,2}(?:ms|msec|millis\\p{L}{0,8}|s|secs?|seconds?|m|min|minutes?|hours?|us|ticks)?|infinite|never|disabled)';

/** Words of trouble in what is configured, possible, over, or only a name. */
export const ASIDE_WITH_EDGES = [
  // Conditions, and what may happen.
  `(?:if|in case(?: of)?|unless|whether|should|even if) [^.!?;:,\\n]{0,80}?(?:fails?|failed|${TROUBLES}|times? out|timed out|cannot|can(?:['’]t| not)|could not|unable|denied|invalid|lost|aborted|refused|rejected|dropped|corrupt(?:ed)?|damaged|not found|missing|unavailable|unreachable|not available|expire[sd]?|exceed(?:s|ed)|crash(?:es|ed)|hangs|hung|full|do(?:es)? not exist|not respond(?:ing)?|not supported|stuck)(?: occurs?| happens?| is (?:detected|found|reported))?`,
  `(?:when|whenever|until|once|after|before|while|as soon as|provided(?: that)?|in the event of) [^.!?;:,\\n]{0,80}?(?:fails|times out|expires|crashes|hangs|(?:is|are) (?:${PAST})|does not (?:exist|respond)|cannot be \\p{L}{2,15}|(?:an? |any |the )?(?:${TROUBLES}) (?:occurs?|happens?|is (?:detected|found|reported)))`,
  `(?:may|might|could|can|would|shall) (?!not\\b)(?:\\p{L}{1,15} ){0,2}?(?:fail|time out|crash|abort|be lost|be denied)`,
  `(?:may|might|could|can|would) (?:cause|result in|lead to|produce|report|return|throw|raise) (?:\\p{L}{1,15} ){0,3}?(?:${TROUBLES})`,
  `(?:may|might|can|could|would|should|must) be (?:\\p{L}{1,12}ly )?(?:${PAST})|will be (?:\\p{L}{1,12}ly )?(?:rejected|denied|refused|discarded|dropped|ignored)|(?:are|is) (?:always |never )?(?:${PAST}) (?:by default|automatically)`,
  // Policies.
  `(?:${POLICIES})(?: (?:the |a )?(?:service|system|it))? (?:on|upon|after) (?:each |any |every |first |an? )?(?:${TROUBLES}|fail)`,
  `(?:on|upon) (?:error|failure|fail|time-?out|exception)s?(?:\\s{0,2}[:=,]|\\s{1,2}(?:${POLICIES}|goto|do|call|then|run)(?!\\p{L}))`,
  // Compounds.
  `(?:errors?|exception|failure|fault|warning|crash|time-?out|abort|overflow|deadlock|leak|corruption|critical)[ -](?:${COMPOUNDS})`,
  '(?:error|exception|failure|fault|crash|warning) (?:handling|reporting|logging|checking|monitoring|tracing|simulation|processing)(?:\\s{0,2}(?=$|[.,;:)\\]=])| (?:\\p{L}{1,15} )?(?:is|was|has|enabled|disabled|initiali[sz]ed|installed|set|started|stopped|active|loaded|service|thread|module|routine|mode|policy|config\\p{L}{0,8}|code|on|off|done|completed?|settings?|level|options?|subsystem))',
  // What is over, or only looked for.
  `(?:${TROUBLES}) (?:(?!not\\b|un|could\\b|cannot\\b|can\\b|never\\b)\\p{L}{1,12} ){0,3}?(?:cleared|resolved|fixed|corrected|repaired|recovered|gone|suppressed)`,
  `(?:recover(?:ed|ing|s)?|resum(?:ed|ing)|clear(?:ed|ing|s)?|fix(?:ed|es|ing)?|correct(?:ed|ing|s)?|resolv(?:ed?|es|ing)|repair(?:ed|ing|s)?|suppress(?:ed|ing)?|reset(?:ting)?|check(?:s|ed|ing)?(?: [\\p{L}\\d:]{1,20}){0,3}? for|check(?:s|ed|ing)?|look(?:s|ed|ing)?|search(?:es|ing)?|scan(?:s|ned|ning)?|watch(?:es|ing)?|test(?:s|ed|ing)?|simulat\\p{L}{1,5}|inject\\p{L}{0,5}|count|number|list)(?: from| after| for| of)?(?: an?| the| all| any| possible| previous| last| earlier| transient){0,2} (?:[\\p{L}/]{1,15} )?(?:${TROUBLES})(?! (?:has |have |was |were )?(?:occurred|detected|reported))`,
  // What failed before and works again.
  '(?:previously|formerly|earlier) (?:[\\p{L}-]{1,15} )?(?:failed|lost|denied|unavailable|unreachable|missing|corrupt(?:ed)?|damaged|rejected|broken|timed out)',
  '(?:lost|failed|broken|missing|interrupted|dropped|damaged|corrupt(?:ed)?|unreachable|unavailable)(?<!(?:not|could|cannot) \\p{L}{1,12}) (?:(?!not(?!\\p{L})|cannot|could|because|while|during)[\\p{L}\\d_-]{1,25} ){0,6}(?:restored|re-?established|reconnected|replaced|repaired|back online|online again)',
  '(?<=^\\W{0,6}(?:changelog: ?)?)(?:(?:issue|bug|problem|defect) )?(?:fixed|fixes|resolved|solved):? [^\\n]{0,200}',
  '(?:re-?established|restored|recovered|resumed|reconnected|succeeded|successful(?:ly)?|back online|online again|up again|ok|works?) (?:again )?(?:after|from) [^.;:,!?\\n]{0,80}',
  `(?:expected|deliberate|intentional|simulated|planned) (?:\\p{L}{1,15} ){0,1}(?:${TROUBLES})`,
  // Settings, most of time-outs.
  `(?:max(?:imum)?|allowed|tolerated|permitted)(?: number of| consecutive)? (?:${TROUBLES}|retry)`,
  `(?<!\\ba )time-?outs?(?!(?: [\\p{L}\\d().]{1,12}){0,5} (?:expired|exceeded|reached|elapsed|hit))(?: (?:value|period|interval|limit|is|was|of|set|setting|to|parameter|duration|changed)){0,3}\\s{0,2}[:=(]?\\s{0,2}${TIME}`,
  `with an? time-?out (?:of )?${TIME}`,
  '(?:set|sets|setting|using|use|default|idle|configured|starting|start|started|stop|cancel|cancelled|reset) (?:the |an? )?(?:\\p{L}{1,15} ){0,2}?time-?out',
  // The other languages: conditions and what is over.
  '(?:wenn|falls|sofern) [^.!?;:,\\n]{0,80}?(?:fehlschlägt|\\p{L}{0,20}fehler|scheitert|nicht)|(?:im fehlerfall|bei (?:einem )?\\p{L}{0,20}fehlern?|nach (?:einem )?fehler)|\\p{L}{0,20}fehler (?:wurden? |ist |sind )?(?:behoben|korrigiert|beseitigt)',
  "(?:si|en cas) [^.!?;:,\\n]{0,80}?(?:échoue|erreurs?|d['’]échec|impossible)|erreurs? (?:a été |ont été )?(?:corrigée?s?|résolue?s?)",
  '(?:si|en caso) [^.!?;:,\\n]{0,80}?(?:falla|error|fallo|imposible)|errore?s? (?:corregid|resuelt)[oa]s?',
  '(?:se|in caso) [^.!?;:,\\n]{0,80}?(?:fallisce|errore|impossibile)|error[ei] (?:corrett|risolt)[oi]',
  '(?:se|caso|em caso) [^.!?;:,\\n]{0,80}?(?:falhar|erro|falha)|erros? (?:corrigid|resolvid)os?',
  '(?:als|indien) [^.!?;:,\\n]{0,80}?(?:mislukt|fout|niet)|bij (?:een )?fout(?:en)?|fout(?:en)? (?:is |zijn )?(?:opgelost|hersteld)',
  '(?:jeśli|jeżeli|gdy) [^.!?;:,\\n]{0,80}?(?:błąd|powiedzie)|w (?:przypadku|razie) (?:błędu|niepowodzenia)|błęd?[ąy]?d? (?:został |zostały )?naprawion[yoe]',
  '(?:если) [^.!?;:,\\n]{0,80}?(?:ошибк\\p{L}{1,3}|не удалось|сбой)|(?:в случае|при) (?:ошибк\\p{L}|сбое|сбоя|неудаче)|ошибк\\p{L}{1,3} (?:был[аи] )?исправлен[аы]',
].join('|');

export const ASIDE_WITHOUT_EDGES = [
  '(?:エラー|失敗|障害|例外|タイムアウト)(?:の場合|時|した場合|が発生した場合|ログ|ハンドラー?|レポート|処理|報告|検出|設定|値)|もし[^。！？\\n]{0,40}(?:失敗|エラー)',
  '(?:错误|錯誤|失败|失敗|异常|異常)(?:处理|處理|日志|日誌|报告|報告|检测|恢复|率|时|時)|(?:超时|超時|逾時)(?:时间|時間|设置|設定|值)|(?:如果|若|假如)[^。！？，\\n]{0,40}(?:失败|失敗|错误|錯誤|无法)|(?:错误|問題|问题)已(?:解决|修复|清除)',
  '(?:오류|에러|실패|예외)(?:\\s?시|\\s?처리|\\s?로그|\\s?보고| 발생 시)|시간 초과 (?:값|설정)|(?:만약|만일)[^.!?\\n]{0,40}(?:실패|오류)',
].join('|');

/** Names of files, links, members of classes, names in quotes: what stands in them says nothing. */
export const NAMES = [
  '(?<![\\p{L}\\p{N}_.\\\\/-])(?:[a-z]:)?[\\p{L}\\p{N}_.\\\\/~%-]{1,260}\\.(?:log|txt|html?|c|cc|cpp|cxx|h|hpp|inl|js|ts|py|java|dll|exe|sys|xml|json|cs|etl|evtx|dat|cfg|ini|tmp|csv)(?![\\p{L}\\p{N}_])',
  'https?://\\S{1,500}|lost\\+found',
  '(?<![\\p{L}\\p{N}_<])(?:[a-z]:)?[\\\\/][\\p{L}\\p{N}_.$-]{1,80}(?:[\\\\/][\\p{L}\\p{N}_.$-]{1,80}){1,30}',
  '(?<![\\p{L}\\p{N}_])[\\p{L}_][\\p{L}\\p{N}_]{0,60}(?:(?:::|->)[\\p{L}_~][\\p{L}\\p{N}_]{0,60}){1,8}',
  '^\\s{0,10}(?:usage: [^\\n]{0,500}|--?[a-z][\\w-]{0,30}(?:[ =,][^\\n]{0,40})?\\s{2,}[^\\n]{0,300})|type help [^\\n]{0,100}|(?<!\\p{L})where (?<=(?:select|update|delete from) [^\\n]{1,500})[^;\\n]{0,300}',
  '(?<!\\p{L})(?:alert|alarm|rule|task|page|button|filter|subscription|dialog|column|table|type|topic|policy|option|property|setting|template|counter|metric|category|folder|queue|tab|field|label|view|report|event|state|test|method|function)s? (?:"[^"\\n]{1,60}"|\'[^\'\\n]{1,60}\'|“[^”\\n]{1,60}”|«[^»\\n]{1,60}»)',
  '(?<=[\\p{L}\\d] )(?:"[^"\\n]{1,60}"|\'[^\'\\n]{1,60}\'|“[^”\\n]{1,60}”)(?=\\s\\p{L})|(?<!\\p{L})subject: [^\\n]{0,200}',
  '[?&-]{1,2}(?:error|fail|warning|timeout)(?:=|-)[\\p{L}\\p{N}_]{1,40}',
  '["“«\'‘`](?:errors?|warnings?|failures?|failed|exceptions?|fehler|time-?out)["”»\'’`]',
].join('|');

/** Sentences that ask. */
export const QUESTIONS =
  '(?<=^|[.!?。！？\\n]\\s{0,3})[^.!?。！？\\n]{0,300}(?:\\?(?=\\s|$|["\'”)\\]])|？)|(?<=^|[.!?。！？\\n])[^。！？\\n]{0,200}(?:ですか|ますか|吗|嗎)(?:。|$)';
