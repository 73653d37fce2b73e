// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { DocumentResult } from "./documents/file-findings.ts";
import { escapeMarkup } from "./escape-text.ts";
import { verdictOf } from "./make-report.ts";
import type { CaseResult, CaseStatus, ConformanceReport } from "./report.ts";
import { reportStyle } from "./report-style.ts";

/** How the HTML report is written. */
export interface FormatHtmlOptions {
  /** Address of the standard's one HTML document, whose anchors the cases link to; the file beside the report unless given. */
  readonly standardUrl?: string | undefined;
}

const statuses: readonly CaseStatus[] = ["fail", "error", "unsupported", "pass"];
const names: Readonly<Record<ConformanceReport["role"], string>> = {
  recordStore: "Record store",
  blobStore: "Blob store",
  runStore: "Run store",
  trainingStrategy: "Training strategy",
  trainer: "Trainer",
  scheduler: "Scheduler",
  inferer: "Inferer",
  converter: "Converter",
  guest: "Guest",
  documents: "Documents",
  platform: "AI platform",
};

/**
 * Writes reports as one HTML page that loads nothing and runs no script: a card for each role, the cases by topic,
 * what went wrong below each, and filters by result.
 *
 * Everything that a subject can have a say in is shown as text; a policy in the page forbids the rest.
 */
export function formatHtml(reports: readonly ConformanceReport[], options: FormatHtmlOptions = {}): string {
  const { standardUrl = "standard.html" } = options;
  const all = reports.flatMap(({ cases }) => cases);
  const subjects = [...new Set(reports.map(({ subject }) => subject.extension ?? subject.name))].join(", ");
  const [first] = reports;
  const about =
    first === undefined
      ? ""
      : `RMTC ${first.specVersion}, ${first.suite} ${first.suiteVersion}, ${first.startedAt}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>Conformance of ${escapeMarkup(subjects)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<h1>Conformance of ${escapeMarkup(subjects)}</h1>
<p class="soft">${escapeMarkup(about)}</p>
<div class="cards">
${reports.map(card).join("\n")}
</div>
<div class="filter" role="radiogroup" aria-label="Which results to show">
${filter("all", "All", all.length)}
${statuses.map((status) => filter(status, status, all.filter((one) => one.status === status).length)).join("\n")}
</div>
${reports.map((report, index) => section(report, index, standardUrl)).join("\n")}
</main>
</body>
</html>
`;
}

function filter(name: string, title: string, count: number): string {
  const checked = name === "all" ? " checked" : "";
  return `<label><input type="radio" name="show" id="show-${name}"${checked}><span class="${name}">${title} ${count}</span></label>`;
}

function toneOf({ conforms, counts }: ConformanceReport): CaseStatus {
  if (conforms) return "pass";
  return counts.fail > 0 ? "fail" : counts.error > 0 ? "error" : "unsupported";
}

function card(report: ConformanceReport, index: number): string {
  const { role, subject, counts, cases } = report;
  const parts = statuses.toReversed().filter((status) => counts[status] > 0);
  const bars = parts.map(
    (status) =>
      `<i class="${status}" style="width:${((100 * counts[status]) / cases.length).toFixed(2)}%"></i>`,
  );
  const sums = parts
    .map((status) => `<span class="sum ${status}">${counts[status]} ${status}</span>`)
    .join(", ");
  return `<a class="card" href="#report-${index}"><b>${names[role]}</b><span class="soft">${escapeMarkup(subject.name)}</span>
<span class="bar">${bars.join("")}</span><span class="soft">${sums}</span>
<p class="verdict ${toneOf(report)}">${report.conforms ? "conforms" : counts.fail + counts.error > 0 ? "does not conform" : "partly run"}</p></a>`;
}

function section(report: ConformanceReport, index: number, standardUrl: string): string {
  const { role, subject, environment, cases, documents } = report;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["subject", subject.name],
    ["extension", [subject.extension, subject.extensionVersion].filter((one) => one !== undefined).join(" ")],
    ["contract", subject.contract?.toString()],
    ["declares", declared(subject.capabilities)],
    [
      "on",
      `${environment.platform} ${environment.architecture}, ${environment.runtime}, ${environment.processors} processors`,
    ],
    ["took", timeOf(report.durationSeconds)],
  ];
  const shown = facts.filter(([, value]) => value !== undefined && value !== "");
  const topics = Map.groupBy(cases, ({ id }) => id.split(".")[1] ?? "");
  return `<section id="report-${index}">
<h2>${names[role]}: ${escapeMarkup(subject.name)}</h2>
<p class="verdict ${toneOf(report)}">${verdictOf(report)}</p>
<dl>
${shown.map(([name, value = ""]) => `<dt>${name}</dt><dd>${escapeMarkup(value)}</dd>`).join("\n")}
</dl>
${[...topics].map(([topic, list]) => group(topic, list, standardUrl)).join("\n")}
${documents === undefined ? "" : files(documents)}
</section>`;
}

function declared(capabilities: Readonly<Record<string, unknown>>): string {
  return Object.entries(capabilities)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => (value === true ? name : `${name}: ${JSON.stringify(value)}`))
    .join(", ");
}

function group(topic: string, cases: readonly CaseResult[], standardUrl: string): string {
  return `<section class="group"><h3>${escapeMarkup(topic)}</h3><ul>
${cases.map((one) => item(one, standardUrl)).join("\n")}
</ul></section>`;
}

function item(one: CaseResult, standardUrl: string): string {
  const { id, level, spec, title, status, message, durationSeconds } = one;
  const anchor = spec.slice(spec.indexOf("#") + 1);
  const number = anchor.replace(/^rmtc-/, "").toUpperCase();
  const link = `<a href="${escapeMarkup(`${standardUrl}#${anchor}`)}">${escapeMarkup(number)}</a>`;
  const reason =
    message === undefined ? "" : `<pre class="${status}"><span>${escapeMarkup(message)}</span></pre>`;
  return `<li class="case" data-status="${status}"><span class="status ${status}">${status}</span>
<span class="what">${escapeMarkup(title)}<br><code class="soft">${escapeMarkup(id)}</code></span>
<span class="where">${link}<br><span class="soft">${level}, ${timeOf(durationSeconds)}</span></span>${reason}</li>`;
}

function timeOf(seconds: number): string {
  return seconds < 1 ? `${Math.ceil(seconds * 1_000)} ms` : `${seconds.toFixed(1)} s`;
}

function files(documents: readonly DocumentResult[]): string {
  const items = documents.map(({ file, type, status, problems, gaps, more, message }) => {
    const lines = [
      ...(message === undefined ? [] : [message]),
      ...problems.map((one) => `${one.demand} ${one.code} at "${one.pointer}": ${one.message}`),
      ...gaps.map((one) => `not there, at "${one.pointer}": ${one.message}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ];
    const found =
      lines.length === 0 ? "" : `<pre class="${status}"><span>${escapeMarkup(lines.join("\n"))}</span></pre>`;
    return `<li class="case" data-status="${status}"><span class="status ${status}">${status}</span>
<span class="what"><code>${escapeMarkup(file)}</code></span><span class="where soft">${type}</span>${found}</li>`;
  });
  return `<section class="group"><h3>files</h3><ul>\n${items.join("\n")}\n</ul></section>`;
}
