/**
 * How messages in other languages than English say that something went wrong, as Windows and its programs write them: verbs and
 * whole turns; bare nouns say nothing (`Fehlerbehandlung`, `registro de errores`). Sources of regular expressions.
 */
import type { Phrases } from './severity-phrases.js';

const GERMAN: Phrases = {
  language: 'German',
  edges: true,
  strong: [
    'fehlgeschlagen|(?:schlug|schlägt|schlugen|schlagen) fehl|fehlschlug|misslungen|gescheitert|scheiterte?|abgebrochen|abgestürzt',
    'verweigert|abgelehnt|zeitüberschreitung|zeitlimit (?:wurde )?überschritten|unerwartet beendet|reagiert nicht(?: mehr)?|antwortet nicht',
    '(?:konnten?|kann|können) (?:[\\p{L}\\d„“".:_\\\\/-]{1,60} ){0,12}?nicht|nicht möglich|unmöglich',
    'nicht (?:genügend|genug)|unzureichend|zu wenig|kein (?:freier )?(?:speicher|platz|speicherplatz)|kein speicherplatz|datenträger (?:ist )?voll',
    'beschädigt|ungültig|(?<=^\\W{0,6}|[:.;] )ungültige[rs]? \\p{L}{2,30}(?=[\\s.!]{0,3}$|[:,(])|(?<!nicht )verloren(?:gegangen)?|(?:stapel|puffer)überlauf(?! ?[:=] ?0)',
    '(?:ein|schwerer|schwerwiegender|interner|unbekannter|unerwarteter) \\p{L}{0,25}fehler|\\p{L}{0,25}fehler (?:beim|aufgetreten|(?:ist|sind) aufgetreten|trat|traten)|(?<=^\\W{0,6}|[:.;] )\\p{L}{0,25}fehler (?:bei|in|im|auf|während)(?!\\p{L})|unbehandelte ausnahme|(?:wurde|ist|hat sich) unerwartet (?:beendet|geschlossen|getrennt|unterbrochen|neu gestartet)',
  ].join('|'),
  weak: '(?:gab|gibt) es (?:\\p{L}{1,12} ){0,2}\\p{L}{0,25}fehler|nicht (?:gefunden|vorhanden|verfügbar|unterstützt|bereit)|existiert nicht|fehlt|(?:wird|werden) wiederholt|(?:ist|sind|wird) (?:fast |zu )?(?:knapp|voll)|überschritten|abgelaufen',
};

const FRENCH: Phrases = {
  language: 'French',
  edges: true,
  strong: [
    "échoué|(?<=^\\W{0,6}|[:.;] )échec(?= d|\\s?:|[\\s.!]{0,3}$)|impossible|ne (?:peut|peuvent) pas|n['’](?:a|ont) pas pu|n['’]est pas parvenue?",
    "refusée?s?|rejetée?s?|délai (?:d['’]attente )?(?:est |a été )?(?:dépassé|expiré)",
    "insuffisante?s?|pas assez|plus (?:de|d['’]) ?(?:espace|mémoire)|disque (?:est )?plein",
    "(?<!les \\p{L}{1,20} )(?:corrompue?|endommagée?|abandonnée?|interrompue?|perdue?)s?(?! ?[:=])|non valide|invalide|ne répond (?:pas|plus)|planté|(?:s[’']est|a été) (?:terminée?|arrêtée?|fermée?) (?:de façon |de manière )?(?:inattendue?|inopinément|anormalement)",
    "erreur lors|(?<=^\\W{0,6}|[:.;] |une )erreur (?:de|d['’]|du|dans|pendant|à|sur|interne|inconnue|inattendue)|erreur (?:[\\p{L}]{1,15} ){0,3}s['’]est produite|une exception (?:a|s['’]est|est)",
  ].join('|'),
  weak: "introuvable|n['’]existe pas|manquante?|indisponible|non pris en charge|nouvelle tentative dans|(?:a|est|ont) expirée?s?",
};

const SPANISH: Phrases = {
  language: 'Spanish',
  edges: true,
  strong: [
    'falló|fallaron|(?:ha|han) fallado|(?:inicio de sesión|intento|operación|conexión|autenticación) fallid[oa](?! ?[:=])|fracasó|no se (?:pudo|puede|pudieron|pueden|ha podido|han podido)|no (?:pudo|puede)|imposible',
    '(?:denegad|rechazad)[oa](?! ?[:=])|tiempo de espera (?:\\p{L}{1,12} )?(?:agotado|superado|excedido|expiró)|se agotó el tiempo',
    'no hay (?:suficientes? )?(?:espacio|memoria|recursos)|no hay suficientes?|insuficientes?|disco (?:está )?lleno',
    '(?:está|están|fue|fueron|ha sido|quedó) (?:dañad|corrupt|abortad|interrumpid|perdid)[oa]s?|se (?:perdió|interrumpió)|no válid[oa]|inválid[oa](?! ?[:=])|no responde|(?:cerró|terminó|finalizó|detuvo|reinició) (?:de forma |de manera )?(?:inesperad\\p{L}{1,6}|anormal\\p{L}{0,5})',
    'con (?:el siguiente |un )?error(?=[\\s.]{0,3}$|[ :]\\s?[\\d(])|(?:se produjo|ocurrió|se ha producido|hubo) un(?:a)? (?:error|excepción|fallo)|error (?:al|durante)|(?<=^\\W{0,6}|[:.;] |un )error (?:en|de|del|interno|desconocido|grave|inesperado)',
  ].join('|'),
  weak: 'no encontrad[oa]|no se (?:encontró|encuentra)|no existe|falta|no disponible|no compatible|reintentando|(?:ha|está) caducad[oa]|ha expirado',
};

const ITALIAN: Phrases = {
  language: 'Italian',
  edges: true,
  strong: [
    '(?:è|sono|ha) fallit[oaie]|(?:operazione|connessione|accesso|autenticazione|tentativo) fallit[oa](?! ?[:=])|non riuscit[oaie](?! ?[:=])|impossibile|non è (?:stat[oa] )?(?:possibile|riuscit[oa])|non (?:può|possono)',
    "(?:negat|rifiutat)[oa](?! ?[:=])|tempo (?:di attesa )?scaduto|timeout scaduto|insufficient[ei]|memoria esaurita|disco pieno|non c['’]è (?:abbastanza )?(?:spazio|memoria)",
    '(?:è|sono|risulta|stat[oaie]) (?:danneggiat|corrott|interrott|pers|perdut)[oaie]|connessione (?:persa|interrotta)|non valid[oa](?! ?[:=])|non risponde|(?:terminat|chius|arrestat|interrott)[oa] (?:in modo )?(?:imprevist[oa]|inaspettatamente|anomalo)',
    "si è verificat[oa] un(?:a|['’])? ?(?:errore|eccezione)|errore durante|(?<=^\\W{0,6}|[:.;] |un )errore (?:di|in|nel|nella|nell['’]|interno|sconosciuto|grave|imprevisto)",
  ].join('|'),
  weak: 'non trovat[oaie](?! ?[:=])|non esiste|mancante|non disponibile|non supportat[oaie]|nuovo tentativo (?:tra|fra)|è scadut[oa]',
};

const PORTUGUESE: Phrases = {
  language: 'Portuguese',
  edges: true,
  strong: [
    'falhou|falharam|(?<=^\\W{0,6}|[:.;] |uma? |houve |ocorreu )falha (?:ao|na|no|em|de|do|da)|não (?:foi possível|pôde|pode|consegu\\p{L}{1,4})|impossível|incapaz de',
    '(?:negad|recusad|rejeitad)[oa](?! ?[:=])|tempo (?:limite )?(?:de espera )?(?:foi |está )?(?:esgotado|excedido|expirou|esgotou)|insuficientes?|sem (?:espaço|memória)|disco (?:está )?cheio',
    '(?:está|estão|foi|foram) (?:corrompid|danificad|abortad|interrompid|perdid)[oa]s?|conexão perdida|inválid[oa](?! ?[:=])|não (?:está )?respond\\p{L}{1,4}|(?:encerrad|terminad|fechad|finalizad)[oa] (?:inesperadamente|de forma inesperada|de modo anormal)',
    '(?:ocorreu|houve) um(?:a)? (?:erro|falha|exceção)|erro (?:ao|durante)|(?<=^\\W{0,6}|[:.;] |um )erro (?:na|no|em|de|do|da|interno|desconhecido|inesperado)',
  ].join('|'),
  weak: 'não (?:encontrad[oa]|existe|disponível|suportad[oa])(?! ?[:=])|ausente|indisponível|nova tentativa em|expirou',
};

const DUTCH: Phrases = {
  language: 'Dutch',
  edges: true,
  strong: [
    'mislukt(?! ?[:=])|(?:kan|kon|kunnen|konden) (?:[\\p{L}\\d".:_\\\\/-]{1,60} ){0,12}?niet|niet mogelijk|onmogelijk|niet gelukt',
    'geweigerd(?! ?[:=])|geen toegang|afgewezen|onvoldoende|niet genoeg|geen (?:ruimte|geheugen)|te weinig|schijf (?:is )?vol',
    'beschadigd|(?:is|werd|was) (?:\\p{L}{1,15} )?(?:afgebroken|verloren|vastgelopen|gecrasht)|(?:is|zijn) ongeldig|(?<=^\\W{0,6}|[:.;] )ongeldige? \\p{L}{2,30}(?=[\\s.!]{0,3}$|[:,(])|reageert niet|verbinding verbroken|onverwacht (?:beëindigd|afgesloten|gestopt|opnieuw opgestart)',
    'er is een (?:\\p{L}{1,15} ){0,2}(?:fout|uitzondering)|\\p{L}{0,20}fout (?:is )?opgetreden|(?<=^\\W{0,6}|[:.;] )\\p{L}{0,20}fout (?:bij|in|tijdens)',
  ].join('|'),
  weak: 'niet (?:gevonden|beschikbaar|ondersteund)(?! ?[:=])|bestaat niet|ontbreekt|is verlopen|time-?out (?:is )?verlopen',
};

const POLISH: Phrases = {
  language: 'Polish',
  edges: true,
  strong: [
    'nie (?:powiodł|udał)\\p{L}{0,3} się|nie (?:można|może|mogą|mogę)|(?:zakończył\\p{L}{0,3} się|zakończon[oaey]) niepowodzeniem|nie powiodło się',
    'odmow\\p{L}{1,3} dostępu|odmówiono|odrzucono|(?:jest|są|został[aoy]?|zostały) odrzucon[aeyi]|przekroczono (?:limit|czas)|upłynął limit|limit czasu (?:upłynął|przekroczony)',
    'brak (?:wolnego )?(?:miejsca|pamięci|dostępu|odpowiedzi|zasobów)|za mało|niewystarczając\\p{L}{1,3}|dysk (?:jest )?pełny',
    '(?:jest|są|został[aoy]?|zostały) (?:uszkodzon|przerwan|utracon)\\p{L}{1,3}|utracono|nieprawidłow[yae](?! ?[:=])|nie odpowiada|(?:niespodziewanie|nieoczekiwanie) (?:zakończył|zatrzymał|przerwał)\\p{L}{0,3}|(?:zakończon|zamknięt|zatrzyman)\\p{L}{1,3} (?:niespodziewanie|nieoczekiwanie)|(?:zakończył|zatrzymał)\\p{L}{0,3} (?:się )?(?:niespodziewanie|nieoczekiwanie)',
    'wystąpił (?:\\p{L}{1,20} )?(?:błąd|wyjątek)|błąd (?:podczas|przy)|(?<=^\\W{0,6}|[:.;] )błąd (?:w|odczytu|zapisu|wewnętrzny|krytyczny|systemu)',
  ].join('|'),
  weak: 'nie (?:od)?(?:znaleziono|nalezion\\p{L}{1,2}|istnieje)|brakuje|(?:jest|są) niedostępn\\p{L}{1,3}|nieobsługiwan\\p{L}{1,3}|ponowna próba za|wygasł\\p{L}{0,3}',
};

const RUSSIAN: Phrases = {
  language: 'Russian',
  edges: true,
  strong: [
    'не (?:удалось|уда[её]тся|может|могут|удался|удалась)|невозможно|(?<=^\\W{0,6}|[:.;] |произош[её]л |возник )сбой(?! ?[:=])|неудачн(?:ая|ое|ый) (?:попытка|вход)(?! ?[:=])|завершил\\p{L}{1,4} (?:с ошибкой|аварийно|неожиданно)',
    'отказано|запрещ[её]н[аоы]?(?! ?[:=])|отклон[её]н\\p{L}{0,2}(?! ?[:=])|истекло (?:время|ожидание)|ист[её]к\\p{L}{0,2} (?:таймаут|срок|интервал|время)|превышен\\p{L}{0,2} (?:время|таймаут|лимит|интервал)|таймаут (?:ожидания|операции|соединения|запроса|подключения)(?! ?[:=])',
    'недостаточно|нет (?:места|памяти|ответа|доступа)|не хватает|(?:пере|за)полнен[аоы]?(?!\\p{L})|обнаружена взаимоблокировка',
    '(?:поврежд[её]н|прерван|потерян)[аоы]?(?! ?[:=])|недопустим(?:ый|ая|ое)(?! ?[:=])|неверн(?:ый|ая|ое)(?! ?[:=])|не отвечает|(?:неожиданно|аварийно|непредвиденно) (?:заверш|останов|прерва|закры)\\p{L}{2,8}',
    '(?:произошла|возникла|обнаружена) (?:\\p{L}{1,20} )?ошибка|(?<=^\\W{0,6}|[:.;] |внутренняя |неизвестная |произошла |возникла )ошибка (?:при|в|во|чтения|записи|открытия|доступа|подключения|ввода)|(?:произошло|возникло) (?:\\p{L}{1,20} )?исключение',
  ].join('|'),
  weak: 'не (?:найден\\p{L}{0,2}(?! ?[:=])|существует|поддерживается)|отсутствует|недоступ(?:ен|на|но|ны)|повторная попытка через|просрочен[аоы]?(?!\\p{L})',
};

const JAPANESE: Phrases = {
  language: 'Japanese',
  edges: false,
  strong:
    '失敗(?:しました|しています|した(?!場合|とき|時)|$|。|、| ?[:：(（](?! ?\\d))|(?<=が|に)失敗|[えけせてねべめげ]ません(?:でした)?|できません|できなかった|エラー(?:が|は)(?:発生|起き|検出)|エラーで終了|拒否され|タイムアウト(?:し|が発生|になり)|不足(?:し|です|$)|足りません|破損し|壊れて|中断(?:され|しま)|中止され|失われ|無効(?:です|な)|応答(?:していません|しません|がありません)|例外が(?:発生|スロー)|異常終了(?:し|$|。)|強制終了され|予期(?:せず|しない)(?:終了|停止|シャットダウン)|デッドロックが',
  weak: '見つかりません|存在しません|再試行(?:し|中)|サポートされていません|期限(?:切れ(?:です|$)|が切れ)',
};

const CHINESE: Phrases = {
  language: 'Chinese',
  edges: false,
  strong:
    '(?:失败|失敗)(?![\\u3040-\\u30ff]|回数|件数|次数|次數|数|數|计数|重试|时|時|的|任务|任務|后|後|记录|率)|无法|無法|不能|未能|(?:拒绝|拒絕)(?!列表|清單|名单|策略|次数)|(?:超时|逾時|超時)(?!时间|時間|设置|設定|值|策略|次数|重试)|不足|不够|(?:损坏|損壞|损毁)(?!检测|檢測|检查|的)|(?:已|被|操作|连接|連線)(?:中止|中断|中斷)|(?:已|被|数据|連線|连接)(?:丢失|遺失|丟失)|(?:无效|無效)(?!的)|(?:没有|未|沒有)(?:响应|回應)|(?:已|程序|进程|系统)崩溃(?!报告|转储|日志)|當機|(?:发生|發生|出现|遇到)了?[\\p{L}]{0,4}(?:错误|錯誤|异常|異常)|出错|出錯|异常终止|意外(?:终止|关闭|停止)|(?:缓冲区|堆栈|栈|队列)溢出(?!检测|保护)|(?:发生|检测到)死锁',
  weak: '找不到|未找到|不存在|缺少|不可用|不支持|不支援|正在重试|正在重試|(?:已|證書)(?:过期|過期)|发生故障',
};

const KOREAN: Phrases = {
  language: 'Korean',
  edges: false,
  strong:
    '실패(?:했|하였|함|$|\\.| ?[:(](?! ?\\d))|수 없(?:습니다|음|었|다)|못했습니다|거부(?:되|됨|했|당|$)|시간(?:이)? ?초과(?:되|됨|했|로|$|\\.)|부족(?:합|하|함|$)|손상(?:되|됨|$)|중단되|중단됨|손실(?:되|됨|$)|예기치 않게|잘못된|유효하지 않|응답하지 않|응답이 없|(?:오류|에러|예외)(?:가|이) ?발생|비정상 ?종료|교착',
  weak: '존재하지 않|지원되지 않|재시도(?:합|하|중| 중)|만료(?:되|됨)|찾을 수 없|장애(?:가)? ?발생',
};

export const OTHER_LANGUAGES: readonly Phrases[] = [
  GERMAN,
  FRENCH,
  SPANISH,
  ITALIAN,
  PORTUGUESE,
  DUTCH,
  POLISH,
  RUSSIAN,
  JAPANESE,
  CHINESE,
  KOREAN,
];
