/** The report on paper: everything opened, no controls, always light. */

/** `light`: declarations of the light theme. */
export const PRINT = (light: string): string => `
@page{margin:16mm 14mm}
@media print{
:root,:root[data-theme=dark],:root:not([data-theme=light]){${light}}
html{font-size:10.5pt}
.wrap{padding:0;max-width:none}
.cols{display:block}
.skip,nav,.tl,.tl-status,.flame-status,.copy,.close,.theme,summary,.js-on .js{display:none}
details::details-content{display:block;content-visibility:visible;block-size:auto}
.js-on .still{display:block}
.tl-still,.waits{max-width:100%;height:auto}
.scroll{overflow:visible;background:none}
table{font-size:8pt}
td,td.t,th{max-width:none;min-width:0;white-space:normal;overflow-wrap:anywhere;padding-right:.4rem}
.sort{white-space:normal}
.sort::after,.js-on .sort::after{content:none}
button{border:0;padding:0;min-height:0;background:none;color:inherit}
.at{padding:0;color:inherit;text-decoration:underline;background:none}
.place,.place:popover-open{display:block;position:static;width:auto;max-height:none;box-shadow:none;padding:.4rem 0;border:0;border-top:1px solid var(--line);border-radius:0}
.place-head{position:static}
.lines{white-space:pre-wrap;overflow:visible}
.lines li{width:auto;overflow-wrap:anywhere}
.cause{break-inside:auto;border:0;padding:0}
h2,h3,h4,caption{break-after:avoid}
tr,li,figure,blockquote{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;
