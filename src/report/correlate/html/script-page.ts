/** What the page does beside its drawings: theme, copying, sorting, opening all for print. ES2020, run in the browser only. */
export const PAGE_SCRIPT = `
const root = document.documentElement;
root.classList.add('js-on');
const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

/** The other theme than the one seen now. */
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (root.dataset.theme || (systemDark.matches ? 'dark' : 'light')) === 'dark';
const themeButton = document.querySelector('.theme');
function tellTheme() { themeButton.textContent = isDark() ? 'Light theme' : 'Dark theme'; }
themeButton.addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  tellTheme();
  document.dispatchEvent(new Event('themechange'));
});
systemDark.addEventListener('change', () => { tellTheme(); document.dispatchEvent(new Event('themechange')); });
tellTheme();

function selectText(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

/** Copies the command; where the browser refuses, it is selected for the reader to copy. */
async function copy(button) {
  const code = button.previousElementSibling;
  let done = true;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch (error) {
    selectText(code);
    done = document.execCommand('copy');
  }
  button.textContent = done ? 'Copied' : 'Selected';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** What a cell is sorted by: null is unknown, and stands last whichever way. */
function keyOf(cell, isNumber) {
  const value = 'v' in cell.dataset ? cell.dataset.v : cell.textContent;
  if (value === '') return null;
  return isNumber ? Number(value) : value;
}

function sort(button) {
  const head = button.closest('th');
  const table = head.closest('table');
  const column = head.cellIndex;
  const isNumber = head.classList.contains('n');
  // Of numbers the largest are looked for, of names the first.
  const was = head.getAttribute('aria-sort');
  const isUp = was === 'none' ? !isNumber : was === 'descending';
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row, index) => ({ row, index, key: keyOf(row.cells[column], isNumber) }));
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.index - b.index;
    const order = isNumber ? a.key - b.key : collator.compare(a.key, b.key);
    return (isUp ? order : -order) || a.index - b.index;
  });
  for (const other of all('th[aria-sort]', table)) other.setAttribute('aria-sort', 'none');
  head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  body.append(...rows.map(({ row }) => row));
}

const hasPopovers = 'showPopover' in HTMLElement.prototype;

/** Opens a place; where the browser has no popovers it stands below, and is gone to. */
function openPlace(place) {
  if (!hasPopovers) place.scrollIntoView();
  else if (!place.matches(':popover-open')) place.showPopover();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest && event.target.closest('button');
  if (!button) return;
  if (button.classList.contains('sort')) sort(button);
  else if (button.classList.contains('copy')) copy(button);
  else if (!hasPopovers && button.hasAttribute('popovertarget')) {
    openPlace(document.getElementById(button.getAttribute('popovertarget')));
  }
});

// Whoever reads by keys or by ear goes on inside; closing leads back to the button.
document.addEventListener('toggle', (event) => {
  if (event.newState !== 'open' || !event.target.classList.contains('place')) return;
  event.target.querySelector('.close').focus({ preventScroll: true });
  const cited = event.target.querySelector('.cited');
  if (cited) cited.scrollIntoView({ block: 'nearest' });
}, true);

/** Paper cannot be clicked. */
let closed = [];
function openAll() {
  closed = closed.concat(all('details:not([open])'));
  for (const one of closed) one.open = true;
}
function closeAgain() {
  for (const one of closed) one.open = false;
  closed = [];
}
addEventListener('beforeprint', openAll);
addEventListener('afterprint', closeAgain);
`;
