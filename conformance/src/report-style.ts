// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** The style of the HTML report; the page brings it along and loads nothing. Filters are radio buttons and `:has()`. */
export const reportStyle = `
:root { --text:#1c1f24; --soft:#5b6470; --page:#fff; --panel:#f5f6f8; --line:#d9dde3; --link:#0b57a4;
  --pass:#1b7f3b; --fail:#b3261e; --error:#8a5a00; --unsupported:#6b7280; color-scheme:light dark; }
@media (prefers-color-scheme:dark) { :root { --text:#e4e7eb; --soft:#9aa4b1; --page:#14171b; --panel:#1d2127;
  --line:#343b45; --link:#7ab7ff; --pass:#5ccf86; --fail:#ff8f85; --error:#e6b450; --unsupported:#9aa4b1; } }
* { box-sizing:border-box; }
body { margin:0; background:var(--page); color:var(--text); font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif; }
main { max-width:68rem; margin:0 auto; padding:1.5rem 1.25rem 5rem; }
h1 { font-size:1.6rem; margin:0 0 .25rem; }
h2 { font-size:1.25rem; margin:2.5rem 0 .5rem; }
h3 { font-size:.95rem; margin:1.5rem 0 .4rem; color:var(--soft); font-weight:600; }
a { color:var(--link); text-decoration:none; }
a:hover { text-decoration:underline; }
p { margin:.25rem 0; }
.soft, dt { color:var(--soft); }
.soft { font-size:.9rem; }
code { font:.85em/1.4 ui-monospace,"DejaVu Sans Mono",monospace; overflow-wrap:anywhere; }
.pass { color:var(--pass); } .fail { color:var(--fail); } .error { color:var(--error); } .unsupported, .ignored { color:var(--unsupported); }
html { scroll-padding-top:4rem; }
.sum { white-space:nowrap; }
.verdict { font-weight:600; }
.cards { display:grid; grid-template-columns:repeat(auto-fill,minmax(15rem,1fr)); gap:.75rem; margin:1.25rem 0; }
.card { display:block; color:inherit; background:var(--panel); border:1px solid var(--line); border-radius:.6rem; padding:.8rem 1rem; }
.card:hover { border-color:var(--link); text-decoration:none; }
.card b { display:block; }
.bar { display:flex; height:.5rem; border-radius:.25rem; overflow:hidden; background:var(--line); margin:.6rem 0 .4rem; }
.bar i { display:block; background:currentColor; }
.filter { position:sticky; top:0; z-index:1; display:flex; flex-wrap:wrap; gap:.4rem; padding:.6rem 0; background:var(--page); border-bottom:1px solid var(--line); }
.filter label { cursor:pointer; }
.filter span { display:inline-block; border:1px solid var(--line); border-radius:1rem; padding:.1rem .8rem; font-size:.9rem; }
.filter input { position:absolute; opacity:0; }
.filter input:checked + span { background:var(--panel); border-color:currentColor; font-weight:600; }
.filter input:focus-visible + span { outline:2px solid var(--link); outline-offset:2px; }
dl { display:grid; grid-template-columns:max-content 1fr; gap:.1rem 1rem; font-size:.9rem; margin:.5rem 0 1rem; }
dd { margin:0; overflow-wrap:anywhere; }
section > ul { list-style:none; margin:0; padding:0; }
li.case { display:grid; grid-template-columns:7.5rem 1fr max-content; gap:0 .75rem; padding:.5rem 0; border-top:1px solid var(--line); }
li.case > * { min-width:0; }
.status { font-weight:600; font-size:.9rem; }
.where { font-size:.85rem; text-align:right; white-space:nowrap; }
pre { grid-column:2 / -1; margin:.4rem 0 .2rem; padding:.6rem .8rem; background:var(--panel); border-left:3px solid currentColor; border-radius:.25rem;
  white-space:pre-wrap; overflow-wrap:anywhere; font:.82rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace; max-height:24rem; overflow:auto; }
pre span { color:var(--text); }
body:has(#show-pass:checked) li.case:not([data-status=pass]), body:has(#show-fail:checked) li.case:not([data-status=fail]),
body:has(#show-error:checked) li.case:not([data-status=error]), body:has(#show-unsupported:checked) li.case:not([data-status=unsupported]) { display:none; }
body:has(#show-pass:checked) .group:not(:has([data-status=pass])), body:has(#show-fail:checked) .group:not(:has([data-status=fail])),
body:has(#show-error:checked) .group:not(:has([data-status=error])), body:has(#show-unsupported:checked) .group:not(:has([data-status=unsupported])) { display:none; }
@media (max-width:40rem) { li.case { grid-template-columns:1fr max-content; } li.case > .what { grid-column:1 / -1; grid-row:2; } pre { grid-column:1 / -1; } }
@media print { .filter { display:none; } pre { max-height:none; } }
`;
