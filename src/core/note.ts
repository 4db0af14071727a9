import type { About } from './parser.js';

/** A source that is joined from many may assume the same again and again, or something new in each part. */
const MAX_NOTES = 50;

/** Adds an assumption to those printed with the answer: once, and of very many only the first. */
export function addNote({ notes }: About, note: string): void {
  if (notes.length < MAX_NOTES && !notes.includes(note)) notes.push(note);
}
