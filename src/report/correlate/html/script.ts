/** The script of the page, in one piece: it puts texts there only as text, and knows nothing that the page does not hold. */
import { FLAME_SCRIPT } from './script-flame.js';
import { PAGE_SCRIPT } from './script-page.js';
import { TIMELINE_INPUT_SCRIPT } from './script-timeline-input.js';
import { TIMELINE_VIEW_SCRIPT } from './script-timeline-view.js';

export const SCRIPT = `(() => {
'use strict';
${PAGE_SCRIPT}
${FLAME_SCRIPT}
if (document.getElementById('tl')) (() => {
${TIMELINE_VIEW_SCRIPT}
${TIMELINE_INPUT_SCRIPT}
})();
root.dataset.ready = 'yes';
})();
`;
