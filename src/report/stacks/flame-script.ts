/**
 * What a flame graph does in a browser. It knows nothing of the graph that does not stand in the document, and puts
 * texts there only as text; so names from strangers' files never meet the script. Kept as a string because it is never
 * run here; ES2020, no `]]>`.
 */
export const SCRIPT = String.raw`(() => {
'use strict';
const svg = document.currentScript.closest('svg');
const stage = svg.querySelector('.frames');
const WIDTH = Number(stage.dataset.width);
const LEFT = Number(stage.dataset.left);
const CHAR = Number(stage.dataset.char);
const BAR = 24;
const frames = readFrames();
const byElement = new Map(frames.map((frame) => [frame.el, frame]));
const root = frames[0];
let top = root;
let current = root;

/** The frames as they stand in the document: parents before children, a row each level. */
function readFrames() {
  const path = [];
  const all = Array.from(stage.children, (el, index) => {
    const lines = el.querySelector('title').textContent.split('\n');
    const numbers = el.dataset.b.split(' ').map(Number);
    const row = numbers[2];
    const parent = row > 0 ? path[row - 1] : null;
    const frame = { el, index, last: index, name: lines[0], about: lines.slice(1).join('; '), parent, children: [],
      start: numbers[0], size: numbers[1], row, label: el.querySelector('text') };
    path[row] = frame;
    if (parent !== null) parent.children.push(frame);
    return frame;
  });
  for (const frame of all.slice().reverse()) {
    if (frame.parent !== null) frame.parent.last = Math.max(frame.parent.last, frame.last);
  }
  return all;
}

function element(name, attributes, parent, space) {
  const el = document.createElementNS(space || svg.namespaceURI, name);
  for (const key of Object.keys(attributes)) el.setAttribute(key, attributes[key]);
  return parent.appendChild(el);
}

/** The beginning of the name, as far as it fits; as columnsThatFit in flame-graph.ts. */
function fitting(name, width) {
  const room = Math.floor((width - 6) / CHAR);
  let columns = 0;
  let text = '';
  let cut = '';
  for (const char of name) {
    columns += char.codePointAt(0) >= 0x1100 ? 2 : 1;
    if (columns > room) return room >= 3 ? cut + '…' : '';
    text += char;
    if (room - 1 >= columns) cut = text;
  }
  return text;
}

function place(frame, x, width) {
  frame.el.setAttribute('x', x);
  frame.el.setAttribute('width', width > 3 ? width - 1 : width);
  const text = fitting(frame.name, width);
  if (frame.label === null && text !== '') frame.label = element('text', { x: 3, y: 12 }, frame.el);
  if (frame.label !== null && frame.label.textContent !== text) frame.label.textContent = text;
}

/** Gives a frame the whole width, with what is above and below it; the others go. */
function zoom(frame) {
  if (!(frame.size > 0)) return;
  top = frame;
  const above = new Set();
  for (let up = frame.parent; up !== null; up = up.parent) above.add(up);
  for (const other of frames) {
    const isInside = other.index >= frame.index && frame.last >= other.index;
    other.el.classList.toggle('above', above.has(other));
    other.el.classList.toggle('away', !isInside && !above.has(other));
    if (above.has(other)) place(other, LEFT, WIDTH);
    if (isInside) place(other, LEFT + ((other.start - frame.start) / frame.size) * WIDTH,
      (other.size / frame.size) * WIDTH);
  }
  focus(frame);
}

const isShown = (frame) => !frame.el.classList.contains('away');

function focus(frame) {
  current.el.setAttribute('tabindex', '-1');
  current = frame;
  frame.el.setAttribute('tabindex', '0');
  frame.el.focus();
  const hidden = frame.el.getBoundingClientRect().bottom - (window.innerHeight - BAR);
  if (hidden > 0) window.scrollBy(0, hidden + BAR);
  moveBar();
}

function beside(frame, step) {
  const row = frames.filter((other) => other.row === frame.row && isShown(other));
  return row[row.indexOf(frame) + step];
}

const MOVES = {
  ArrowUp: (frame) => frame.parent,
  ArrowDown: (frame) => frame.children.find(isShown),
  ArrowLeft: (frame) => beside(frame, -1),
  ArrowRight: (frame) => beside(frame, 1),
  Home: () => root,
};

const percent = (size) => (root.size > 0 ? (100 * size) / root.size : 0).toFixed(1) + ' %';

/** Marks frames whose name holds the text; what one marked frame stands on within another counts once. */
function search(wanted) {
  let found = 0;
  let size = 0;
  let until = -1;
  for (const frame of frames) {
    const isHit = wanted !== '' && !frame.el.classList.contains('more') &&
      frame.name.toLowerCase().includes(wanted.toLowerCase());
    frame.el.classList.toggle('hit', isHit);
    if (!isHit) continue;
    found += 1;
    if (frame.index > until) {
      size += frame.size;
      until = frame.last;
    }
  }
  stage.classList.toggle('searching', wanted !== '');
  status.textContent = wanted === '' ? '' :
    found === 0 ? 'no match' : found + (found === 1 ? ' frame matches, ' : ' frames match, ') + percent(size);
}

/** The line at the lower edge of the window that says what a frame is. */
function tell(frame) {
  bar.setAttribute('class', frame === null ? 'bar away' : 'bar');
  if (frame === null) return;
  toldName.textContent = fitting(frame.name, HALF);
  toldRest.textContent = frame.about;
  moveBar();
}

function moveBar() {
  const toUser = svg.getScreenCTM().inverse();
  const lower = Math.min(window.innerHeight * toUser.d + toUser.f, svg.viewBox.baseVal.height);
  bar.setAttribute('transform', 'translate(0 ' + (lower - BAR) + ')');
}

function onKey(event) {
  if (event.key === 'f' && (event.ctrlKey || event.metaKey)) return takeOver(event, () => input.select());
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === input) {
    if (event.key === 'Escape') takeOver(event, () => { input.value = ''; search(''); focus(current); });
    else if (event.key === 'Enter') takeOver(event, () => focus(frames.find((f) => isHitShown(f)) || current));
    return;
  }
  if (event.key === '/') return takeOver(event, () => input.select());
  if (event.key === 'Escape' || event.key === '0') return takeOver(event, () => { const was = current; zoom(root); focus(was); });
  if (!byElement.has(event.target)) return;
  if (event.key === 'Enter' || event.key === ' ') return takeOver(event, () => zoom(current));
  const to = Object.hasOwn(MOVES, event.key) ? MOVES[event.key](current) : null;
  if (Object.hasOwn(MOVES, event.key)) takeOver(event, () => { if (to) focus(to); });
}

const isHitShown = (frame) => frame.el.classList.contains('hit') && isShown(frame);

function takeOver(event, act) {
  event.preventDefault();
  act();
}

const frameOf = (event) => byElement.get(event.target.closest('.f')) || null;

for (const { el, name, about, row } of frames) {
  el.classList.add('live');
  el.setAttribute('role', 'treeitem');
  el.setAttribute('aria-level', row + 1);
  el.setAttribute('aria-label', name + '; ' + about);
  el.setAttribute('tabindex', '-1');
}
root.el.setAttribute('tabindex', '0');
stage.setAttribute('role', 'tree');
stage.setAttribute('aria-label', 'Call stacks');

const HTML = 'http://www.w3.org/1999/xhtml';
const HALF = WIDTH / 2;
const box = element('foreignObject', { x: LEFT + WIDTH - 240, y: 10, width: 240, height: 30 }, svg);
const input = element('input', { type: 'search', placeholder: 'Search names ( / )', 'aria-label': 'Search names',
  spellcheck: 'false', autocomplete: 'off' }, box, HTML);
const status = element('text', { class: 'status', x: LEFT + WIDTH, y: 54, 'text-anchor': 'end', role: 'status' }, svg);
const bar = element('g', { class: 'bar away', 'aria-hidden': 'true' }, svg);
element('rect', { x: 0.5, y: 0.5, width: svg.viewBox.baseVal.width - 1, height: BAR - 1 }, bar);
const told = element('text', { x: LEFT, y: 16 }, bar);
const toldName = element('tspan', { class: 'strong' }, told);
const toldRest = element('tspan', { dx: 14 }, told);

input.addEventListener('input', () => search(input.value));
document.addEventListener('keydown', onKey);
stage.addEventListener('click', (event) => { const frame = frameOf(event); if (frame !== null) zoom(frame); });
stage.addEventListener('mouseover', (event) => tell(frameOf(event)));
stage.addEventListener('mouseleave', () => tell(null));
// Not at the stage: Chromium takes an SVG element that listens for focus into the order of the Tab key.
document.addEventListener('focusin', (event) => tell(frameOf(event)));
window.addEventListener('scroll', moveBar);
window.addEventListener('resize', moveBar);
})();
`;
