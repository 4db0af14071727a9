/**
 * The time line's marks and how they are drawn. ES2020, run in the browser only; shares its scope with
 * `script-timeline-input.ts`. A frame looks at the marks of the view once, and draws no more shapes than there are pixels.
 */
export const TIMELINE_VIEW_SCRIPT = `
const data = JSON.parse(document.getElementById('tl-data').textContent);
const box = document.getElementById('tl');
const stage = box.querySelector('.tl-stage');
const canvas = stage.querySelector('canvas');
const rangeText = box.querySelector('.tl-range');
const ctx = canvas.getContext('2d');
const TOP = 30;
const FONT = '12px system-ui, "Segoe UI", Roboto, sans-serif';
const SIGNS = { error: '▲', warning: '◆', note: '●' };
const lanes = data.lanes.map(readLane);
const view = { from: data.first[0], to: data.first[1] };
const size = { width: 0, height: 0, gutter: 0, plot: 0, lane: 0, bar: 0 };
const cursor = { lane: -1, index: -1 };
let colors = {};
let asked = 0;

/** Columns as typed arrays, in µs; furthest[i]: latest end of the marks up to i. */
function readLane(raw) {
  const count = raw.n;
  const lane = { title: raw.title, kind: raw.kind, level: raw.level, source: raw.source, file: raw.file, byte: raw.byte,
    of: raw.of, labels: raw.labels, count, start: new Float64Array(count), end: new Float64Array(count),
    furthest: new Float64Array(count), height: new Float32Array(count), label: raw.l, place: new Float64Array(count),
    lasts: raw.d !== 0 };
  let tenths = 0;
  let place = 0;
  let longest = 0;
  let reach = -Infinity;
  for (let i = 0; count > i; i++) {
    tenths += raw.s[i];
    if (raw.p !== 0) place += raw.p[i];
    const duration = raw.d === 0 ? 0 : raw.d[i] / 10;
    longest = Math.max(longest, duration);
    lane.start[i] = tenths / 10;
    lane.end[i] = lane.start[i] + duration;
    reach = Math.max(reach, lane.end[i]);
    lane.furthest[i] = reach;
    lane.place[i] = place - 1;
  }
  const most = Math.log1p(longest);
  for (let i = 0; count > i; i++) {
    const share = most > 0 ? Math.log1p(lane.end[i] - lane.start[i]) / most : 1;
    // Eight heights: marks of one height that touch are one shape.
    lane.height[i] = raw.kind === 'wait' || !lane.lasts ? 1 : Math.ceil((0.2 + 0.8 * share) * 8) / 8;
  }
  return lane;
}

/** First index whose value is at least the wanted one. */
function lowerBound(values, wanted) {
  let low = 0;
  let high = values.length;
  while (high > low) {
    const middle = (low + high) >> 1;
    if (wanted > values[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['page', 'card', 'text', 'dim', 'line', 'edge', 'accent', 'error', 'warning']) {
    colors[name] = style.getPropertyValue('--' + name).trim();
  }
  colors.note = colors.accent;
}

function measure() {
  const width = stage.clientWidth;
  const isNarrow = 620 > width;
  size.width = width;
  size.gutter = isNarrow ? 0 : 200;
  size.plot = Math.max(50, width - size.gutter - 8);
  size.bar = 20;
  size.lane = isNarrow ? 42 : 26;
  size.height = TOP + lanes.length * size.lane + 8;
  const ratio = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(size.height * ratio);
  canvas.style.height = size.height + 'px';
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  askDraw();
}

function askDraw() {
  if (asked === 0) asked = requestAnimationFrame(() => { asked = 0; draw(); });
}

const scale = () => size.plot / (view.to - view.from);
const xOf = (us) => size.gutter + (us - view.from) * scale();
const timeOf = (x) => view.from + (x - size.gutter) / scale();
const baseOf = (index) => TOP + (index + 1) * size.lane - 3;

function draw() {
  ctx.font = FONT;
  ctx.fillStyle = colors.page;
  ctx.fillRect(0, 0, size.width, size.height);
  drawTicks();
  ctx.save();
  ctx.beginPath();
  ctx.rect(size.gutter, TOP - 6, size.plot + 8, size.height - TOP + 6);
  ctx.clip();
  drawBand();
  lanes.forEach((lane, index) => drawMarks(lane, baseOf(index)));
  drawCursor();
  ctx.restore();
  lanes.forEach(drawTitle);
  drawDump();
  rangeText.textContent = moment(view.from) + ' to ' + moment(view.to);
}

function drawTitle(lane, index) {
  const base = baseOf(index);
  ctx.fillStyle = colors.line;
  ctx.fillRect(0, base + 2, size.width, 1);
  ctx.fillStyle = colors[lane.level] || colors.note;
  ctx.textAlign = 'left';
  const y = size.gutter === 0 ? base - size.bar - 5 : base - 5;
  ctx.fillText(SIGNS[lane.level] || '●', 6, y);
  ctx.fillStyle = cursor.lane === index ? colors.accent : colors.text;
  ctx.fillText(fitting(lane.title, (size.gutter || size.width) - 30), 22, y);
}

function fitting(text, width) {
  if (width >= ctx.measureText(text).width) return text;
  let kept = text.slice(0, Math.max(0, Math.floor(width / 5)));
  while (kept !== '' && ctx.measureText(kept + '…').width > width) kept = kept.slice(0, -1);
  return kept === '' ? '' : kept + '…';
}

/** Marks of the view: narrow ones as the highest of each pixel, wide ones each, where no other covers them already. */
function drawMarks(lane, base) {
  const k = scale();
  const until = lowerBound(lane.start, view.to);
  const tops = new Float32Array(size.plot + 1);
  const reached = new Float64Array(9).fill(-1);
  const named = [];
  ctx.fillStyle = colors[lane.level] || colors.note;
  for (let i = lowerBound(lane.furthest, view.from); until > i; i++) {
    if (view.from > lane.end[i]) continue;
    const left = Math.max(0, (lane.start[i] - view.from) * k);
    const right = Math.min(size.plot, (lane.end[i] - view.from) * k);
    if (2 > right - left) {
      const pixel = left | 0;
      if (!lane.lasts) tops[pixel] += 1;
      else if (lane.height[i] > tops[pixel]) tops[pixel] = lane.height[i];
      continue;
    }
    const level = lane.height[i] * 8;
    const from = Math.max(left, reached[level]);
    if (from >= right) continue;
    reached[level] = right;
    const tall = lane.height[i] * size.bar;
    ctx.fillRect(size.gutter + from, base - tall, Math.max(1, right - from - 1), tall);
    if (right - left > 70 && 60 > named.length) named.push(i);
  }
  drawNarrow(lane, tops, base);
  for (const i of named) drawName(lane, i, base, k);
}

function drawNarrow(lane, tops, base) {
  const most = lane.lasts ? 1 : tops.reduce((a, b) => Math.max(a, b), 1);
  for (let x = 0; tops.length > x; x++) {
    if (tops[x] === 0) continue;
    const first = x;
    while (tops[x + 1] === tops[first]) x++;
    const share = lane.lasts ? tops[first] : 0.4 + (0.6 * Math.log1p(tops[first])) / Math.log1p(most);
    const wide = Math.max(x + 1 - first, 1.5);
    ctx.fillRect(size.gutter + first, base - share * size.bar, wide, share * size.bar);
  }
}

function drawName(lane, i, base, k) {
  const left = Math.max(0, (lane.start[i] - view.from) * k);
  const right = Math.min(size.plot, (lane.end[i] - view.from) * k);
  if (lane.height[i] < 0.7) return;
  ctx.save();
  ctx.fillStyle = colors.page;
  ctx.textAlign = 'left';
  ctx.fillText(fitting(labelOf(lane, i), right - left - 12), size.gutter + left + 5, base - 5);
  ctx.restore();
}

function drawTicks() {
  const step = niceStep((view.to - view.from) / Math.max(2, size.plot / 130));
  ctx.fillStyle = colors.dim;
  ctx.textAlign = 'left';
  for (let us = Math.ceil(view.from / step) * step; view.to >= us; us += step) {
    const x = xOf(us);
    ctx.fillStyle = colors.line;
    ctx.fillRect(x, TOP - 10, 1, size.height - TOP + 10);
    ctx.fillStyle = colors.dim;
    if (size.width - 60 > x) ctx.fillText(tickText(us, step), x + 3, 13);
  }
}

function niceStep(least) {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map((s) => s * 1e6);
  if (least >= 1e6 && seconds[seconds.length - 1] >= least) return seconds.find((s) => s >= least);
  const power = Math.pow(10, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= least);
}

function tickText(us, step) {
  const sign = 0 > us ? '−' : '';
  const seconds = Math.abs(us) / 1e6;
  if (step >= 6e7) {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.round((seconds % 3600) / 60);
    return sign + (hours > 0 ? hours + ' h ' : '') + minutes + ' min';
  }
  return sign + seconds.toFixed(Math.min(7, Math.max(0, Math.ceil(-Math.log10(step / 1e6))))) + ' s';
}

function drawBand() {
  if (data.dump === null || data.band === null) return;
  const left = xOf(data.dump - data.band);
  ctx.save();
  ctx.globalAlpha = 0.13;
  ctx.fillStyle = colors.text;
  ctx.fillRect(left, TOP - 6, Math.max(1, xOf(data.dump + data.band) - left), size.height);
  ctx.restore();
}

/** A line where the dump was taken, an arrow to it where that is outside. */
function drawDump() {
  if (data.dump === null) return;
  const x = xOf(data.dump);
  const right = size.gutter + size.plot;
  ctx.fillStyle = colors.text;
  ctx.font = '600 ' + FONT;
  if (size.gutter > x || x > right + 8) {
    ctx.textAlign = x > right ? 'right' : 'left';
    ctx.fillText(x > right ? 'dump →' : '← dump', x > right ? right + 4 : size.gutter + 4, 26);
  } else {
    ctx.setLineDash([5, 3]);
    ctx.strokeStyle = colors.text;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x, TOP - 2);
    ctx.lineTo(x, size.height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.textAlign = x > right - 30 ? 'right' : 'center';
    ctx.fillText('dump', x, 26);
  }
  ctx.font = FONT;
}

function drawCursor() {
  if (0 > cursor.lane) return;
  const lane = lanes[cursor.lane];
  const base = baseOf(cursor.lane);
  const left = xOf(lane.start[cursor.index]);
  const right = Math.max(left + 2, xOf(lane.end[cursor.index]));
  ctx.strokeStyle = colors.text;
  ctx.lineWidth = 2;
  ctx.strokeRect(Math.max(left, size.gutter - 9) - 2, base - size.bar - 2, Math.min(right, size.width + 9) - Math.max(left, size.gutter - 9) + 4, size.bar + 4);
}

const labelOf = (lane, i) => lane.labels[lane.label === 0 ? 0 : lane.label[i]];

function placeOf(lane, i) {
  const place = lane.place[i];
  if (lane.file === null) return null;
  if (0 > place) return lane.file;
  return lane.byte ? lane.file + '@0x' + place.toString(16) : lane.file + ':' + place;
}

function lengthText(us) {
  if (1000 > us) return Number(us.toFixed(1)) + ' µs';
  if (1e6 > us) return Number((us / 1000).toFixed(3)) + ' ms';
  if (12e7 > us) return Number((us / 1e6).toFixed(3)) + ' s';
  const minutes = Math.round(us / 6e7);
  return 120 > minutes ? minutes + ' min' : Math.floor(minutes / 60) + ' h ' + (minutes % 60) + ' min';
}

/** From the start of the time line, with as many digits as the view tells apart. */
function moment(us) {
  const span = view.to - view.from;
  const digits = span > 6e8 ? 0 : span > 6e6 ? 3 : 6;
  const seconds = Math.abs(us) / 1e6;
  const sign = 0 > us ? '−' : '+';
  if (seconds >= 3600 && span > 6e8) return sign + lengthText(Math.abs(us));
  return sign + seconds.toFixed(digits) + ' s';
}
`;
