/** Zoom and keys of the flame graph. ES2020, run in the browser only. */
export const FLAME_SCRIPT = `
(() => {
const svg = document.getElementById('flame');
if (!svg) return;
const status = svg.parentElement.querySelector('.flame-status');
const path = [];
const frames = Array.from(svg.children, (el, index) => {
  const numbers = el.dataset.b.split(' ').map(Number);
  const parent = numbers[2] > 0 ? path[numbers[2] - 1] : null;
  const frame = { el, index, last: index, start: numbers[0], size: numbers[1], row: numbers[2], parent, children: [],
    about: el.querySelector('title').textContent };
  path[frame.row] = frame;
  if (parent !== null) parent.children.push(frame);
  el.setAttribute('role', 'img');
  el.setAttribute('aria-label', frame.about);
  el.setAttribute('tabindex', index === 0 ? '0' : '-1');
  return frame;
});
for (const frame of frames.slice().reverse()) {
  if (frame.parent !== null) frame.parent.last = Math.max(frame.parent.last, frame.last);
}
const byElement = new Map(frames.map((frame) => [frame.el, frame]));
let current = frames[0];

function place(frame, from, width) {
  frame.el.setAttribute('x', 100 * from + '%');
  frame.el.setAttribute('width', 100 * width + '%');
}

function zoom(frame) {
  if (!(frame.size > 0)) return;
  const above = new Set();
  for (let up = frame.parent; up !== null; up = up.parent) above.add(up);
  for (const other of frames) {
    const isInside = other.index >= frame.index && frame.last >= other.index;
    other.el.classList.toggle('above', above.has(other));
    other.el.classList.toggle('away', !isInside && !above.has(other));
    if (above.has(other)) place(other, 0, 1);
    else if (isInside) place(other, (other.start - frame.start) / frame.size, other.size / frame.size);
  }
}

function go(frame) {
  if (!frame) return;
  current.el.setAttribute('tabindex', '-1');
  current = frame;
  frame.el.setAttribute('tabindex', '0');
  frame.el.focus();
}

const isShown = (frame) => !frame.el.classList.contains('away');
function beside(step) {
  const row = frames.filter((other) => other.row === current.row && isShown(other));
  return row[row.indexOf(current) + step];
}
const KEYS = {
  ArrowUp: () => go(current.parent),
  ArrowDown: () => go(current.children.find(isShown)),
  ArrowLeft: () => go(beside(-1)),
  ArrowRight: () => go(beside(1)),
  Home: () => { zoom(frames[0]); go(frames[0]); },
  Escape: () => zoom(frames[0]),
  Enter: () => zoom(current),
  ' ': () => zoom(current),
};
svg.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.prototype.hasOwnProperty.call(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
const frameOf = (event) => byElement.get(event.target.closest('.f'));
svg.addEventListener('click', (event) => {
  const frame = frameOf(event);
  if (frame) { go(frame); zoom(frame); }
});
const tell = (event) => { const frame = frameOf(event); if (frame) status.textContent = frame.about; };
svg.addEventListener('mouseover', tell);
svg.addEventListener('focusin', tell);
})();
`;
