/**
 * Labels in front of the fields of an event as text, and heads of the columns of Event Viewer's lists. Event Viewer
 * writes them in the language of Windows; wevtutil writes English ones, with values in the language of Windows.
 *
 * Seen in published copies: English, German, Russian, Japanese, Chinese. The others are those of Microsoft's translated
 * articles about events, or inferred.
 */
import { plain } from './plain.js';

export type Field =
  | 'channel'
  | 'source'
  | 'date'
  | 'eventId'
  | 'level'
  | 'machine'
  | 'description'
  | 'xml'
  | 'cpu'
  | 'pid'
  | 'tid'
  /** Known, and not needed. */
  | 'other';

const LABELS: Readonly<Record<Field, readonly string[]>> = {
  channel: [
    ...['log name', 'protokollname', 'nom du journal', 'nombre de registro', 'nome registro', 'nome do log'],
    ...['nome do registo', 'logboeknaam', 'nazwa dziennika', 'имя журнала'],
    ...['ログの名前', '日志名称', '記錄檔名稱', '로그 이름'],
  ],
  source: [
    ...['source', 'quelle', 'origen', 'origine', 'fonte', 'origem', 'bron', 'źródło', 'источник'],
    ...['ソース', '来源', '來源', '원본'],
  ],
  date: ['date', 'datum', 'fecha', 'data', 'дата', '日付', '日期', '날짜'],
  eventId: [
    ...['event id', 'ereignis-id', "id de l'événement", 'id. del evento', 'id del evento', 'id evento'],
    ...['identificação do evento', 'id do evento', 'id de evento', 'gebeurtenis-id', 'identyfikator zdarzenia'],
    ...['код события', 'イベント id', '事件 id', '事件識別碼', '이벤트 id'],
  ],
  level: [
    ...['level', 'ebene', 'stufe', 'niveau', 'nivel', 'livello', 'nível', 'poziom', 'уровень'],
    ...['レベル', '级别', '等級', '수준'],
  ],
  machine: [
    ...['computer', 'ordinateur', 'equipo', 'computador', 'komputer', 'компьютер'],
    ...['コンピューター', '计算机', '電腦', '컴퓨터'],
  ],
  description: [
    ...['description', 'beschreibung', 'descripción', 'descrizione', 'descrição', 'beschrijving', 'opis', 'описание'],
    ...['説明', '描述', '설명', 'message'],
  ],
  xml: [
    ...['event xml', 'ereignis-xml', "xml de l'événement", 'xml de evento', 'xml del evento', 'xml evento'],
    ...['xml de eventos', 'xml do evento', 'gebeurtenis-xml', 'kod xml zdarzenia', 'xml события'],
    ...['イベント xml', '事件 xml', '이벤트 xml'],
  ],
  cpu: [],
  pid: [],
  tid: [],
  other: [
    ...['task', 'task category', 'opcode', 'operational code', 'keyword', 'keywords', 'user', 'user name'],
    ...['aufgabenkategorie', 'vorgangscode', 'schlüsselwörter', 'benutzer'],
    ...['catégorie de la tâche', 'mots clés', 'mots-clés', 'utilisateur'],
    ...['categoría de la tarea', 'categoría de tarea', 'palabras clave', 'usuario'],
    ...['categoria attività', 'parole chiave', 'utente', 'categoria da tarefa', 'categoria de tarefas'],
    ...['palavras-chave', 'usuário', 'utilizador', 'taakcategorie', 'trefwoorden', 'gebruiker'],
    ...['kategoria zadania', 'słowa kluczowe', 'użytkownik', 'категория задачи', 'категория задач'],
    ...['ключевые слова', 'пользователь', 'タスクのカテゴリ', 'キーワード', 'ユーザー', 'オペコード'],
    ...['任务类别', '关键字', '用户', '操作代码', '工作類別', '關鍵字', '使用者', '작업 범주', '키워드', '사용자'],
  ],
};

/** Heads of columns that are no labels. */
const COLUMNS: Readonly<Partial<Record<Field, readonly string[]>>> = {
  channel: ['log', 'protokoll', 'journal', 'registro', 'журнал', 'ログ', '日志', '로그'],
  date: [
    ...['date and time', 'datum und uhrzeit', 'date et heure', 'fecha y hora', 'data e ora', 'data e hora'],
    ...['datum en tijd', 'data i godzina', 'дата и время', '日付と時刻', '日期和时间', '日期和時間', '날짜 및 시간'],
  ],
  cpu: ['processor id'],
  pid: ['process id'],
  tid: ['thread id'],
};

const mapOf = (words: Readonly<Partial<Record<Field, readonly string[]>>>): Map<string, Field> =>
  new Map(Object.entries(words).flatMap(([field, labels]) => labels.map((label) => [label, field as Field] as const)));
const BY_LABEL = mapOf(LABELS);
const BY_COLUMN = mapOf(COLUMNS);

/** The field that a label stands for, in the languages known here; null for others. */
const fieldOf = (label: string): Field | null =>
  BY_LABEL.get(label.toLowerCase()) ?? BY_LABEL.get(plain(label)) ?? null;

/** The field that a column's head stands for. */
export const fieldOfColumn = (head: string): Field | null => BY_COLUMN.get(plain(head)) ?? fieldOf(head);

export interface Labelled {
  /** Null where the label is not known. */
  readonly field: Field | null;
  readonly label: string;
  readonly value: string;
}

const MAX_LABEL = 60;
const MAX_VALUE = 4096;

/** `  Event ID: 51`, `ID de l’événement : 51`; null where a line has no label. */
export function labelled(line: string): Labelled | null {
  const front = line.slice(0, MAX_LABEL);
  const at = front.search(/[:：]/);
  const label = front.slice(0, Math.max(at, 0)).trim();
  if (label === '') return null;
  return { field: fieldOf(label), label, value: line.slice(at + 1, at + 1 + MAX_VALUE).trim() };
}
