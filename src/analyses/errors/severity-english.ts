/**
 * How English messages say that something went wrong: by a predicate (`X failed`, `failed to`, `cannot`, `was refused`), or by a
 * short sentence that is nothing but the trouble (`Disk read error at sector 7`). A participle in front of a noun is none
 * (`failed items`, `denied list`), nor is a bare noun (`error details`). Sources of regular expressions, without case.
 */

/** Nouns that name what went wrong. */
export const TROUBLES =
  'errors?(?:\\(s\\))?|failures?|faults?|exceptions?|warnings?|problems?|issues?|time-?outs?|leaks?|deadlocks?|conflicts?|corruptions?|crash(?:es)?|retries|aborts?|overflows?';

/** Where a sentence or a part of one begins. */
const START = '(?<=^\\W{0,6}|[.:;!\\]})>|]\\s{1,2}|\\s[-–—]\\s)';

/** What may follow a predicate: an end, a number, a word that begins something new. A noun may not: `failed items`. */
const CLOSE = [
  '(?!-\\p{L})(?:(?=\\s{0,3}(?:$|[^\\s\\p{L}\\p{N}_]))|(?=\\s{1,3}(?:\\d|(?:to|with|by|on|in|at|for|from|as|because|due|while',
  'when|during|since|after|before|and|but|or|again|until|so|that|than|within|against|via|using|near|here|(?:reason|error|status|code|rc|hr)(?=[ :=#(]{0,3}(?:\\d|0x|[:=(]|\\p{L}{0,8}_))',
  'what|which|where|why|how|it|this|its|their|only|once|twice|upon|across|according|inside|into|out|over|not|today|yesterday|repeatedly|unexpectedly|permanently|without|through|under|beyond|\\p{L}{2,14}ing)(?!\\p{L}))))',
].join('|');
/** The same, but for a count or a setting: `rejected: 5`, `corrupt=no`. */
const CLOSE_UNCOUNTED = `(?!\\s{0,2}[:=]\\s{0,2}(?:\\d|true|false|yes|no(?!\\p{L})))${CLOSE}`;
/** Behind these a participle describes a thing: `the failed`, `list denied`, `or failed`. */
const PREDICATE =
  '(?<!(?<!\\p{L})(?:the|an?|of|any|each|every|or|if|treat|mark|show|list|include|retry|skip|remove|delete|count|log|report|allow|handle|previous|previously|last|no|not|never|non|for|on)\\s{1,2})';
/** Something stands in front: `path is missing`, not `Missing index hints`. */
const SUBJECT = `(?<=[\\p{L}\\p{N}_)\\]"'\\u0001]\\s{1,2})${PREDICATE}`;

/** What kind of error makes a sentence by itself. Closed, for `rounding error`, `standard error` are none. */
const KINDS =
  'xml|json|yaml|html|url|i2c|scsi|ata|buffer|metadata|logical|medium|timing|i/?o|input/output|disk|read|write|seek|device|controller|hardware|internal|unexpected|unknown|unspecified|general|serious|severe|unhandled|uncaught|uncorrect(?:able|ed)|unrecovered|network|communications?|connection|connect|socket|protocol|transport|bus|parity|crc|ecc|checksum|hash|memory|page|heap|parse|parser|parsing|syntax|runtime|run-time|login|logon|authentication|authorization|permission|database|db|sql|query|file|filesystem|media|data|format|validation|configuration|config|driver|firmware|time-?out|ssl|tls|certificate|handshake|rpc|dns|server|client|application|service|script|compile|compilation|build|linker|boot|startup|shutdown|power|link|lun|volume|raid|drive|adapter|port|sync|synchronization|replication|backup|restore|update|upgrade|install|installation|setup|registration|initiali[sz]ation|allocation|lookup|resolution|decoding|encoding|decryption|encryption|conversion|operating system|system|win32|ldap|kerberos|smb|nfs|usb|pci|pcie|dma|sense|commit|transaction|lock|mount|\\p{L}{1,5}fs|ext4-fs|general protection|segmentation|stack|user';
const ADJECTIVES = '(?:corrected|correctable|recoverable|transient|expected|previous|last|first|possible)';
/** `an error`, `a few I/O errors`; not `a corrected error`. */
const AN_ERROR = `(?:an?|the|some|several|multiple|many|\\d{1,6})(?<!\\b0) (?!${ADJECTIVES}\\b)(?:[\\p{L}\\p{N}/_.-]{1,30} (?!${ADJECTIVES}\\b)){0,2}(?:errors?|failures?|faults?|exceptions?|problems?)`;
const HARMLESS_DOING =
  '(?!(?:audit|handl|report|logg|check|monitor|track|count|process|test|inject|trac|simulat)ing(?!\\p{L}))';
const LOSABLE =
  'connections?|contact|data|communications?|link|signal|packets?|events?|quorum|access|heartbeats?|lease|messages?|buffers?|frames?|records?|samples?|task|executor|session|requests?|datagrams?|calls?';
const DONE = 'was|were|is|are|has been|have been|had been|got|being|been';
const VERBS =
  'load|start|register|complete|succeed|finish|connect|reconnect|work|respond|reply|answer|return|exit|stop|terminate|receive|arrive|initiali[sz]e|synchroni[sz]e|open|boot|resume|wake|appear|acknowledge|accept|authenticate|reach|shut down';
const QUIT = 'terminated|stopped|exited|quit|ended|shut down|closed|rebooted|restarted|died|disconnected';

/** A failure is reported. */
export const ENGLISH_STRONG = [
  `${PREDICATE}(?:failed|timed[ -]?out)${CLOSE}|(?:has|have|had) (?:failed|timed out|crashed|hung)|times out`,
  `${SUBJECT}(?<!(?:users?|operator|administrator|admin) )(?:failed|refused|rejected|denied|aborted) (?:the|an?|our|all|this|these|its)(?= )|${SUBJECT}failed (?:\\p{L}{2,20} )?(?:verification|validation|authentication|initiali[sz]ation|checks?|tests?)${CLOSE_UNCOUNTED}`,
  'failed (?:password|log[io]n|authentication|attempts?|commands?|requests?)(?: attempts?)? ?(?:for|from|to|on|by|:(?! ?\\d))',
  `fails${CLOSE}|fail(?:ing)? to|failure (?:to|while|during|when|${HARMLESS_DOING}\\p{L}{2,12}ing)|${START}failure (?:in|of|on|at|for)`,
  `(?:did|does|do)(?:n['’]t| not) (?:\\p{L}{3,12}ly )?(?:${VERBS})|not successful|unsuccessful(?:ly)?${CLOSE}`,
  "cannot|can not|can['’]t|could not|couldn['’]t|unable to|(?:was|is|were|are|been) not able to|impossible to|was not able to",
  `${PREDICATE}(?:denied|refused|rejected|aborted|damaged|corrupt(?:ed)?|malformed|crashed|hung|panicked|deadlocked|leaked|overflowed|unreachable|unauthori[sz]ed|forbidden|not permitted)(?! by (?:the |an? )?(?:user|operator|admin))${CLOSE_UNCOUNTED}`,
  `${START}(?:corrupt(?:ed)?|damaged|malformed) \\p{L}{2,20}(?: \\p{L}{2,20})? (?:at|in|on|found|detected|from)(?! ?[:=])`,
  'aborting(?! (?:is|on|if|conditions?))|corruption (?:was |has been )?(?:detected|found|in)',
  'time-?out (?:waiting|while|expired|occurred|reached|exceeded|elapsed|during|reading|writing|connecting|after)',
  'a time-?out \\([^)\\n]{0,40}\\) was reached|time-?out (?:(?!not |never |policy )[\\p{L}\\d().]{1,12} ){0,5}(?:expired|exceeded|reached|elapsed)',
  `${START}(?:${KINDS}|request|operation|response|command|gateway)(?: \\p{L}{1,15})? time-?out(?=[\\s.!]{0,3}$|[,;(]|:(?! ?\\d)| (?:after|on|in|for|to|at)(?!\\p{L}))`,
  '(?:not enough|insufficient)(?=\\s\\p{L}|[\\s.!]{0,3}$)(?! ?[:=])|(?:ran|run|running) out of|(?:ora|tns)-(?!0{5})\\d{5}(?=:)|out of (?:(?:virtual |disk |heap |pool )?(?:memory|space|handles|paper|quota)(?! (?:killer|handl|polic|behavio))|disk|resources|range|bounds)',
  'no (?:more |free |disk |available |enough ){0,2}(?:space|memory|room|resources|buffer space|response|route|answer|reply)',
  'no (?:\\p{L}{1,15} ){0,2}(?:licen[sc]es?|servers?|hosts?|nodes?|controllers?|connections?) (?:is |are |was |were )?(?:currently )?(?:available|found|reachable)',
  `(?:is|are|was|became|becomes|disk|drive|volume|device|log|table|file system|filegroup|queue|buffer) (?:now )?full${CLOSE_UNCOUNTED}`,
  `(?<!(?:nothing|none) )(?:is|was|are|were|been) lost${CLOSE_UNCOUNTED}|(?:${LOSABLE})(?: (?:to |with )?[\\p{L}\\d._-]{1,40})? (?:(?:${DONE}) )?lost${CLOSE_UNCOUNTED}|lost (?:task|executor|node)(?= [\\p{L}\\d])|(?:has |have )?lost (?:the |its |our )?(?:${LOSABLE})(?! ?[:=]| \\d| \\p{L}{2,20} ?[:=])`,
  '(?:memory|handle|resource|pool|object|gdi|thread|socket) leaks? (?:in|detected|found|of|suspected|at)|leaks? (?:detected|found|suspected)',
  'deadlock(?: was| has been)? (?:detected|found|occurred|victim)',
  `(?:stack|buffer|integer|heap|queue|arithmetic|fifo|ring|numeric|counter) (?:overflow|overrun|underrun)${CLOSE_UNCOUNTED}|overflow (?:detected|occurred|in)|overrun${CLOSE_UNCOUNTED}`,
  `(?:access violation|page fault in|assertion failed|unexpected (?:shutdown|reboot|restart|termination|end|exit))${CLOSE_UNCOUNTED}`,
  `(?:${QUIT}|lost) (?:unexpectedly|abnormally|prematurely)|(?:unexpectedly|abnormally|prematurely) (?:${QUIT}|lost)|abnormal(?: program)? (?:termination|exit|end)`,
  "(?:not|stopped|no longer) responding|not contactable|not reachable|has(?:n['’]t| not) responded",
  `(?:unhandled|uncaught) exception${CLOSE}|(?<!expected )exceptions? (?:occurred|thrown|raised|was thrown|code)|(?:threw|throws|raised|raises) (?:an? )?(?:[\\p{L}.]{1,40} )?exception|(?<!expected )exception (?:while|during)|${START}(?:an? )?exception (?:in|at|from|of type|during|caught)`,
  `(?<!\\b${ADJECTIVES} (?:\\p{L}{1,15} )?)(?:errors?|failures?|faults?|problems?) (?:has |have )?occur(?:red|s)|errors? (?:encountered|raised|thrown|returned|detected)(?=[\\s.!]{0,3}$| (?:in|on|at|while|during|by)(?!\\p{L}))|errors? (?:was|were|has been|have been) (?:detected|found|encountered|reported|returned|raised|received|generated|thrown)|errors? (?:while|during|when|${HARMLESS_DOING}\\p{L}{2,12}ing)|errors? (?:handling|processing|checking|reporting) (?:the|an?|request|message|from|command|file|event|data|block|\\p{L}{1,30}_\\p{L}{1,30})(?= )|${START}errors? (?:${HARMLESS_DOING})(?:in|on|at|from|to|code|status|number|returned|could|\\p{L}{2,12}ing)`,
  `errors? \\(?-?(?:0x[0-9a-f]{1,8}|[1-9]\\d{0,9})(?![\\d.,]{0,8}\\s?(?:%|of\\b|pages?\\b|times\\b|per\\b)|\\p{L})`,
  `(?:detected|encountered|reported|returned|got|received|found|threw|raised|hit|had|caused|suffered|generated|with|by|is|was) ${AN_ERROR}${CLOSE_UNCOUNTED}|(?<!(?:because of|due to) )${AN_ERROR} (?:in|on|at|from|while|during|when)(?!\\p{L})`,
  `(?:completed|finished|ended|exited|failed|returned|stopped|terminated|closed|encountered|hit) (?:with )?errors?(?! ?[:=] ?0)${CLOSE}`,
  `(?<![=:]\\s?)(?<!\\d)(?<!\\d[.,])[1-9]\\d{0,8} (?:\\p{L}{1,15} )?(?:errors?|failures?|failed)(?:\\(s\\))?(?=[\\s.!]{0,3}$|[,;)\\]]| (?:were|was|found|detected|occurred|reported|and|in|on|during|while|after|out))|(?<!(?:max(?:imum)?|min(?:imum)?|allowed|expected|ignored|known|correct(?:ed|able)|recovered|previous|handled|suppressed|tolerated) |[\\p{N}%] )(?:errors?|failures?|failed(?: \\p{L}{1,15}){0,2})(?:\\(s\\))?\\s{0,2}[:=]\\s{0,2}[1-9]\\d{0,8}(?![\\d.,]{0,12}\\s?(?:%|h|hours?|days?)(?!\\p{L}))(?<!between (?:failures?|errors?)\\s{0,2}[:=]\\s{0,2}\\d{1,9})`,
  `${START}(?:an? |the )?(?:(?:${KINDS}|\\d{1,4}) ){1,3}(?:errors?|failures?|faults?|exceptions?|corruption)(?=[\\s.!]{0,3}$|\\s?[.:,;(!\\[]|\\s(?:\\d|0x|-|(?:on|in|at|near|from|for|by|while|during|when|with|code|status|${HARMLESS_DOING}\\p{L}{2,12}ing)(?!\\p{L})))(?!\\s?[:=]\\s?(?:0|no)(?!\\p{L}))`,
  `${START}(?:fail|(?:errors?|failure|exception|deadlock|corruption|overflow))(?=[\\s.!]{0,3}$)`,
  `(?:service|server|application|program|system) error:(?= )|: error (?=\\()|${START}error (?=\\(\\p{L})`,
  `${START}(?:invalid|illegal|unexpected|incorrect|bad) (?!(?:\\p{L}{2,20} ){0,2}\\p{L}{2,20}s (?:are|will|were|is)(?!\\p{L}))\\p{L}{2,30}(?: \\p{L}{2,20}){0,2}?(?=[\\s.!]{0,3}$|\\s?[:(,'"](?! ?\\d)| (?:passed|received|specified|supplied|detected|found|encountered|in|at|near|for|from|on|of|\\d|0x)(?!\\p{L}))(?!:? (?:are|true|false))`,
  `i/?o errors?${CLOSE_UNCOUNTED}|authentication failures?(?=;| (?:for|from)(?!\\p{L}))|unhandled (?:promise )?rejection|undefined reference|(?:oom-?killed|crashloopbackoff|imagepullbackoff)|\\[hardware error\\]`,
  'signal (?:6|7|8|11)(?: received)?(?=[\\s.,!]|$)|dumping core|segfault at|segmentation fault|core dumped|general protection fault|killed process|(?:soft|hard) lockup|stuck for \\d|blocked for more than|faulting application',
  `has (?:an? )?bad (?:block|sector)s?|broken pipe|no route to host|(?:connection|session|link|pipe) (?:(?:${DONE}) )?(?:reset|broken)${CLOSE}|reset by peer|read-only file ?system|unknown ca${CLOSE}|is read-only because`,
  'exit(?:ed)?(?: with)? (?:exit )?(?:code|status)[ :=]{1,3}[1-9-]\\d{0,9}|returned non-?zero|divide by zero|division by zero|http(?:/\\d(?:\\.\\d)?)?(?: (?:status|error))?(?: code)?[ :=]{1,2}5\\d\\d',
  `without cleanly shutting down|stopped working|(?:killed|terminated) by (?:signal|the (?:system|kernel))|has (?:an? )?(?:\\p{L}{1,15} )?problems?${CLOSE}`,
  'address already in use|name or service not known|bad (?:file descriptor|gateway|magic|checksum|signature|credentials|password|descriptor)(?! ?[:=])|device or resource busy|stale (?:file|nfs) (?:file )?handle',
];

/** Something to look at, or a failure that may be none. */
export const ENGLISH_WEAK = [
  'sleeps? on error|(?:because of|due to) (?:an? |the )?(?:[\\p{L}/]{1,15} ){0,2}(?:errors?|failures?)',
  `\\(retry #?\\d{1,6}|${START}retry #?[1-9]\\d{0,4}${CLOSE}(?! ?(?:attempts|times|m?s|seconds|minutes)(?!\\p{L}))`,
  `(?:retrying|re-trying)(?! (?:is|are|on|policy|enabled|disabled)(?!\\p{L}))|(?:was|were|be|been) retried|trying again|(?:please |will )try again|will (?:be )?retr(?:y|ied) (?:in|after) \\d|attempt \\d{1,4} of \\d{1,4}${CLOSE}|giving up|gave up`,
  `${PREDICATE}(?:not found|not available|not supported|not implemented|not ready|not initiali[sz]ed|not allowed)${CLOSE_UNCOUNTED}|do(?:es)?(?: not|n['’]t) exist|no such(?= \\p{L})`,
  `${SUBJECT}(?:missing|unavailable|(?<!(?:timer|cache|entry|ttl|interval|delay|period) )expired|exceeded|truncated|degraded|stalled|stuck|throttled|inconsistent|incorrect|invalid|mismatch(?:ed)?|unresponsive|exhausted|overheated|locked out|unsupported|orphaned|offline unexpectedly)${CLOSE_UNCOUNTED}`,
  `${START}(?:\\p{L}{1,20} ){0,2}mismatch${CLOSE_UNCOUNTED}|(?:limit|quota|threshold|maximum) (?:was |has been |is )?(?:exceeded|reached)${CLOSE_UNCOUNTED}|exceeds (?:the )?(?:\\p{L}{1,15} ){0,2}(?:limit|threshold|quota|maximum|size|capacity)|(?:above|over) (?:the )?(?:\\p{L}{1,15} )?(?:threshold|limit)`,
  `(?:${LOSABLE})(?: [\\p{L}\\d.#-]{1,20}){0,1} (?:(?:${DONE}) )?(?:dropped|discarded)${CLOSE_UNCOUNTED}`,
  "taking longer than|took too long|(?<!['’“])too (?:many|long|late|large|small|slow|few|big|high|low)(?! ?[:=])|(?:is|are|has been|were) deprecated|(?:was|is|has) (?:not been|not) (?:synchroni[sz]ed|completed)|has not (?:synchroni[sz]ed|completed|finished|started|checked in|reported)",
  '(?:critically|running|too|is|getting) low|low (?:on )?(?:memory|disk space|virtual memory|resources|battery)|(?:nearly|almost) full|reset to device|(?:reset|restarted|restarting|stopped|disabled|closed|suspended|paused|terminated|disconnected|removed|blocked|offline) (?:because(?! (?:of )?(?:the user|user|an? (?:user|administrator)))|due to (?!user|the user|inactivity|maintenance|idle))|falling back to|temporary profile',
  `in (?:an? )?(?:failed|faulted|error|bad|inconsistent) state|(?:is|presumed) (?:dead|dirty|broken|wrong|hung)${CLOSE_UNCOUNTED}|non-yielding|back-off restarting|(?:unit|hardware|gpu|task|thread) hang${CLOSE_UNCOUNTED}|stall (?:on|detected)|storm detected|unhandled sense|slow to respond|reset (?:occurred|detected)|predictive failure${CLOSE_UNCOUNTED}|predictive failure reported|stopped before completing|no (?:\\p{L}{1,15} ){0,1}(?:response|reply|answer|acknowledge?ment|ack|heartbeat|carrier|offer|\\p{L}{1,12}offers?|data|packets?) (?:was |were |has been )?received|(?:tls|ssl|fatal) alert|(?:${DONE}) removed from the (?:\\p{L}{1,15} ){0,3}membership`,
  `${PREDICATE}(?:not (?:authori[sz]ed|signed|clean|valid|accessible|recogni[sz]ed|trusted)|no longer (?:available|reachable|accessible|valid))${CLOSE_UNCOUNTED}|is not a valid|unknown authority|surprise removed|${SUBJECT}lost${CLOSE_UNCOUNTED}|(?:is|are|keeps|keep) failing${CLOSE}|(?:went|is|has gone) (?:down|offline)${CLOSE_UNCOUNTED}|link (?:is )?down${CLOSE_UNCOUNTED}`,
  '(?:constraint|access|sharing|protocol|policy|lock|key|integrity|segment) violation(?! (?:handl|polic|report|count))|violat(?:es|ed) the|conflicts? with|conflict (?:was )?detected|(?:dropping|discarding|losing) (?:\\p{L}{1,15} ){0,2}(?:packets?|messages?|events?|frames?|requests?|connections?|data)(?! (?:is|are|on|policy))',
  `${START}missing (?:required |mandatory )?(?:arguments?|parameter|file|value|key|field|header|dll|module|dependency|library)${CLOSE_UNCOUNTED}|${START}(?:unrecogni[sz]ed|unsupported) \\p{L}{2,20}(?: \\p{L}{2,20})?(?=[\\s.!]{0,3}$|\\s?[:'"(])|over-?heat(?:ed|ing)${CLOSE}|suspected${CLOSE_UNCOUNTED}`,
  `correct(?:ed|able) (?:\\p{L}{1,15} )?errors? (?:has |have )?(?:occurred|been detected)|watchdog (?:\\p{L}{1,10} )?(?:expired|fired|triggered|reset)|marked (?:as )?(?:failed|bad|suspect|down|dirty)${CLOSE}`,
];

/** Signs of a crash that no name has: a panic that is told of, not a setting of it. */
export const ENGLISH_CRITICAL =
  '(?<!(?<![\\p{L}\\p{N}_])(?:on|for|upon|any|of|each|every|as|treat|log|report|show|ignore) (?:an? )?)(?<![\\p{L}\\p{N}_])(?:(?:fatal|critical|catastrophic|unrecoverable) (?:\\p{L}{1,15} )?(?:error|exception|failure|fault|signal|condition)(?!s? ?[:=] ?(?:0|no)|\\p{L}| (?:handl|dialog|page|polic|log|report|action|mode|hook|callback|threshold|count))|kernel panic(?=\\s{0,2}(?:$|[-–:,.!(]|occurred|detected|in ))|(?:from|a|with) (?:an? )?bug ?check(?!\\p{L})|bug ?check (?:0x|code|was|occurred)|blue screen (?:of|occurred|error|with|detected|crash))';
