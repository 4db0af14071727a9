/** Lines of parts that belong together, broken between parts where the terminal is narrow. */
import { cutMiddle } from '../stacks/names.js';
import { colorsOf, type TerminalOptions } from '../terminal.js';

/** What stands in front of the first line and of the later ones, such as the guides of a tree. */
export interface Margins {
  readonly first: string;
  readonly later: string;
}

/** What the parts of a line need beside their margin: an address, a Cid and an image. */
const MIN_ROOM = 48;

/** The parts two blanks apart; none is wider than the terminal leaves. */
export function fittedLine(parts: readonly string[], margins: Margins, options: TerminalOptions, bold = false): string {
  const c = colorsOf(options);
  const max = Math.max(0, options.width - MIN_ROOM);
  const [first, later] = [margins.first, margins.later].map((text) =>
    text.length <= max ? text : `…${text.slice(text.length - Math.max(0, max - 1))}`,
  );
  return brokenLines(parts, options.width - first.length, options.width - later.length)
    .map((text, i) => `${c.dim(i === 0 ? first : later)}${bold && i === 0 ? c.bold(text) : text}`)
    .join('\n');
}

function brokenLines(parts: readonly string[], firstRoom: number, laterRoom: number): string[] {
  const lines: string[] = [];
  let line = '';
  const add = (text: string, gap: string): void => {
    const room = lines.length === 0 ? firstRoom : laterRoom;
    if (line === '') line = cutMiddle(text, room);
    else if (line.length + gap.length + text.length <= room) line += `${gap}${text}`;
    else {
      lines.push(line);
      line = cutMiddle(text, laterRoom);
    }
  };
  for (const part of parts) {
    // A part that fits no line is broken at its blanks.
    if (part.length <= laterRoom) add(part, '  ');
    else part.split(' ').forEach((word, i) => void add(word, i === 0 ? '  ' : ' '));
  }
  return [...lines, line];
}
