/** Levels of events, by number and by the words that Event Viewer and wevtutil show for them. */
import { LEVELS } from '../../src/tables/log-message.js';
import { plain } from './plain.js';

type Level = keyof typeof LEVELS;

/**
 * Words as Windows has them in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Japanese,
 * Chinese and Korean. The log stores numbers: the words are those of the machine that made the export.
 */
const WORDS: Readonly<Record<Level, readonly string[]>> = {
  critical: [
    ...['critical', 'kritisch', 'critique', 'crítico', 'critico', 'kritiek', 'krytyczne', 'krytyczny'],
    ...['критический', '重大', '关键', '嚴重', '위험'],
  ],
  error: [
    ...['error', 'fehler', 'erreur', 'errore', 'erro', 'fout', 'błąd', 'ошибка'],
    ...['エラー', '错误', '錯誤', '오류'],
  ],
  warning: [
    ...['warning', 'warnung', 'avertissement', 'advertencia', 'avviso', 'aviso', 'waarschuwing', 'ostrzeżenie'],
    ...['предупреждение', '警告', '경고'],
  ],
  information: [
    ...['information', 'informational', 'info', 'informationen', 'informations', 'información', 'informazioni'],
    ...['informações', 'informação', 'informatie', 'informacje', 'сведения', '情報', '信息', '資訊', '정보'],
  ],
  verbose: [
    ...['verbose', 'ausführlich', 'commentaires', 'détaillé', 'detallado', 'dettagliato', 'detalhado', 'uitgebreid'],
    ...['pełne', 'подробности', 'подробно', '詳細', '详细', '자세한 정보'],
  ],
};

const BY_WORD = new Map<string, number>(
  (Object.keys(WORDS) as Level[]).flatMap((level) => WORDS[level].map((word) => [word, LEVELS[level]] as const)),
);

/** The level that a word stands for, in the languages known here; null for others. */
export const levelOfWord = (word: string): number | null => BY_WORD.get(plain(word)) ?? null;

/** The level of a number in XML: 0, "log always", is shown as information. Null for numbers of a provider's own. */
export function levelOfNumber(level: number | null): number | null {
  if (level === 0) return LEVELS.information;
  return level !== null && level <= LEVELS.verbose ? level : null;
}
