/** Keys, wheel, fingers and buttons of the time line. ES2020, run in the browser only, behind `script-timeline-view.ts`. */
export const TIMELINE_INPUT_SCRIPT = String.raw`
const status = box.querySelector('.tl-status');
const tip = stage.querySelector('.tl-tip');
const SHORTEST = 1;
const spanAll = data.all[1] - data.all[0];

/** Shows a range, never more than all there is and never less than 1 µs. */
function show(from, to) {
  const span = Math.min(spanAll, Math.max(SHORTEST, to - from));
  const start = Math.min(Math.max(data.all[0], from + (to - from - span) / 2), data.all[1] - span);
  view.from = start;
  view.to = start + span;
  askDraw();
}

function zoom(factor, at) {
  const span = view.to - view.from;
  const share = (at - view.from) / span;
  const next = Math.min(spanAll, Math.max(SHORTEST, span / factor));
  show(at - share * next, at - share * next + next);
}

const pan = (share) => { const by = share * (view.to - view.from); show(view.from + by, view.to + by); };
const middle = () => (view.from + view.to) / 2;
const hasCursor = () => cursor.lane >= 0;
const cursorTime = () => hasCursor() ? lanes[cursor.lane].start[cursor.index] : middle();
function zoomPoint() {
  const at = cursorTime();
  return at >= view.from && view.to >= at ? at : middle();
}

function utcText(us) {
  if (data.utcMs === null) return '';
  const date = new Date(data.utcMs + us / 1000);
  return Number.isNaN(date.getTime()) ? '' : ', ' + date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

function about(lane, i) {
  const duration = lane.end[i] - lane.start[i];
  const lines = [labelOf(lane, i), 'at ' + (0 > lane.start[i] ? '−' : '+') + (Math.abs(lane.start[i]) / 1e6).toFixed(6) + ' s' + utcText(lane.start[i])];
  if (duration > 0) lines.push('lasts ' + lengthText(duration));
  const place = placeOf(lane, i);
  lines.push(place === null ? 'place unknown' : place);
  return lines;
}

/** Says which mark the cursor is on, and how many stand in the same pixel. */
function tell() {
  const lane = lanes[cursor.lane];
  const pixel = 3 / scale();
  const same = lowerBound(lane.start, lane.start[cursor.index] + pixel) - lowerBound(lane.start, lane.start[cursor.index]);
  const more = same > 1 ? ' ' + same + ' marks stand here: + tells them apart.' : '';
  const left = lane.of > lane.count ? ' of ' + lane.count + ' drawn, ' + lane.of + ' in all' : ' of ' + lane.count;
  status.textContent = lane.title + ', mark ' + (cursor.index + 1) + left + ': ' + about(lane, cursor.index).join('; ') + '.' + more;
}

function setCursor(lane, index) {
  cursor.lane = lane;
  cursor.index = index;
  const { start } = lanes[lane];
  const at = start[index];
  const span = view.to - view.from;
  if (view.from > at || at > view.to) show(at - span / 2, at + span / 2);
  tell();
  showTip(lane, index);
  askDraw();
}

function nearest(lane, us) {
  const i = lowerBound(lane.start, us);
  if (i === 0) return 0;
  return i === lane.count || us - lane.start[i - 1] <= lane.start[i] - us ? i - 1 : i;
}

/** To the next mark that stands apart on the screen. */
function step(direction) {
  if (!hasCursor()) return setCursor(0, nearest(lanes[0], view.from));
  const { start, count } = lanes[cursor.lane];
  const apart = 3 / scale();
  const next = direction > 0
    ? Math.max(cursor.index + 1, lowerBound(start, start[cursor.index] + apart))
    : Math.min(cursor.index - 1, lowerBound(start, start[cursor.index] - apart));
  setCursor(cursor.lane, Math.min(count - 1, Math.max(0, next)));
}

function changeLane(direction) {
  const at = cursorTime();
  const next = hasCursor() ? Math.min(lanes.length - 1, Math.max(0, cursor.lane + direction)) : 0;
  setCursor(next, nearest(lanes[next], at));
}

function showTip(laneIndex, i) {
  const lane = lanes[laneIndex];
  tip.textContent = [lane.title].concat(about(lane, i)).join('\n');
  tip.hidden = false;
  const x = Math.min(Math.max(xOf(lane.start[i]), size.gutter), size.width);
  const left = Math.max(4, Math.min(x + 8, size.width - tip.offsetWidth - 6));
  const below = baseOf(laneIndex) + 8;
  const fits = size.height > below + tip.offsetHeight;
  tip.style.left = left + 'px';
  tip.style.top = (fits ? below : Math.max(0, baseOf(laneIndex) - size.bar - tip.offsetHeight - 8)) + 'px';
}

const hideTip = () => { tip.hidden = true; };

/** The lines around a mark where the page holds them, else what is known of it. */
function openMark(laneIndex, i) {
  const lane = lanes[laneIndex];
  const key = lane.source + ':' + lane.place[i];
  const id = !lane.byte && Object.prototype.hasOwnProperty.call(data.cited, key) ? data.cited[key] : 'mark';
  const place = document.getElementById(id);
  if (id === 'mark') {
    place.querySelector('h3').textContent = placeOf(lane, i) || 'Place unknown';
    place.querySelector('blockquote').textContent = [lane.title].concat(about(lane, i)).join('\n');
  }
  openPlace(place);
}

const KEYS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => changeLane(-1),
  ArrowDown: () => changeLane(1),
  PageUp: () => pan(-0.5),
  PageDown: () => pan(0.5),
  '+': () => zoom(2, zoomPoint()),
  '=': () => zoom(2, zoomPoint()),
  '-': () => zoom(0.5, zoomPoint()),
  '0': () => show(data.first[0], data.first[1]),
  Home: () => show(data.first[0], data.first[1]),
  Enter: () => { if (hasCursor()) openMark(cursor.lane, cursor.index); },
  Escape: hideTip,
};
stage.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!Object.prototype.hasOwnProperty.call(KEYS, event.key)) return;
  event.preventDefault();
  if (event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) pan(event.key === 'ArrowLeft' ? -0.25 : 0.25);
  else KEYS[event.key]();
  if (!event.key.startsWith('Arrow') && event.key !== 'Enter') sayRange();
});
const sayRange = () => { status.textContent = 'Shown: ' + moment(view.from) + ' to ' + moment(view.to) + '.'; };

const BUTTONS = {
  in: () => zoom(2, zoomPoint()),
  out: () => zoom(0.5, zoomPoint()),
  first: () => show(data.first[0], data.first[1]),
  all: () => show(data.all[0], data.all[1]),
  dump: () => { const around = Math.max(5 * (data.band || 0), 5e6); show(data.dump - around, data.dump + around); },
};
box.addEventListener('click', (event) => {
  const act = event.target.dataset.act;
  if (act === undefined) return;
  BUTTONS[act]();
  sayRange();
});

// A page that scrolls under a resting pointer is not to be caught by the time line: the wheel zooms once the pointer has moved.
let isArmed = false;
addEventListener('scroll', () => { isArmed = false; }, { passive: true });
stage.addEventListener('wheel', (event) => {
  const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (!isSideways && !event.ctrlKey && !isArmed) return;
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 30 : 1;
  if (isSideways || event.shiftKey) pan(((event.deltaX || event.deltaY) * lines) / size.plot);
  else zoom(Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 400)), timeOf(pointOf(event).x));
  hideTip();
}, { passive: false });

function pointOf(event) {
  const rect = canvas.getBoundingClientRect();
  return { x: event.clientX - rect.left, y: event.clientY - rect.top };
}

/** The mark under the pointer, or within some pixels of it. */
function markAt({ x, y }) {
  const laneIndex = Math.floor((y - TOP) / size.lane);
  const lane = lanes[laneIndex];
  if (lane === undefined || size.gutter > x) return null;
  const at = timeOf(x);
  const near = 5 / scale();
  let best = -1;
  for (let i = lowerBound(lane.furthest, at - near); lane.count > i && at + near >= lane.start[i]; i++) {
    if (at - near > lane.end[i]) continue;
    const isInside = at >= lane.start[i] && lane.end[i] >= at;
    if (best === -1 || lane.end[i] - lane.start[i] > lane.end[best] - lane.start[best] || (isInside && at > lane.end[best])) best = i;
  }
  return best === -1 ? null : { lane: laneIndex, index: best };
}

const pointers = new Map();
let dragged = 0;
let pinch = 0;
stage.addEventListener('pointerdown', (event) => {
  isArmed = true;
  if (event.button !== 0) return;
  pointers.set(event.pointerId, pointOf(event));
  stage.setPointerCapture(event.pointerId);
  dragged = 0;
  pinch = distance();
});
stage.addEventListener('pointermove', (event) => {
  if (event.movementX !== 0 || event.movementY !== 0) isArmed = true;
  const point = pointOf(event);
  const was = pointers.get(event.pointerId);
  if (was === undefined) return hover(point);
  pointers.set(event.pointerId, point);
  if (pointers.size === 2) return pinched();
  dragged += Math.abs(point.x - was.x);
  if (dragged > 4) { hideTip(); pan((was.x - point.x) / size.plot); }
});
function distance() {
  const [a, b] = Array.from(pointers.values());
  return b === undefined ? 0 : Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}
function pinched() {
  const now = distance();
  const [a, b] = Array.from(pointers.values());
  if (pinch > 0 && now > 0) zoom(now / pinch, timeOf((a.x + b.x) / 2));
  pinch = now;
  dragged = 99;
}
function hover(point) {
  const mark = markAt(point);
  stage.style.cursor = mark === null ? '' : 'pointer';
  if (mark === null) hideTip();
  else showTip(mark.lane, mark.index);
}
stage.addEventListener('pointerup', (event) => {
  const isClick = pointers.delete(event.pointerId) && 5 > dragged;
  if (!isClick) return;
  const mark = markAt(pointOf(event));
  if (mark === null) return;
  setCursor(mark.lane, mark.index);
  opening = mark;
});
// Opened on click, not before: the click that follows would close it again.
let opening = null;
stage.addEventListener('click', () => {
  if (opening !== null) openMark(opening.lane, opening.index);
  opening = null;
});
stage.addEventListener('pointercancel', (event) => { pointers.delete(event.pointerId); });
stage.addEventListener('pointerleave', hideTip);
stage.addEventListener('blur', hideTip);

document.addEventListener('themechange', () => { readColors(); askDraw(); });
new ResizeObserver(measure).observe(stage);
readColors();
measure();
`;
