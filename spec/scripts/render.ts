// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { specVersion } from "../src/index.ts";
import { type Chapter, renderChapter } from "./render/chapter.ts";
import { escapeHtml } from "./render/escape-html.ts";
import { drawRecordGraph, type Families, type RelationRow } from "./render/record-graph.ts";
import { renderSchema, type Schema } from "./render/schema-page.ts";

const root = new URL("../", import.meta.url);

/** The order in which the texts are read; a text that is not named here comes before the errors. */
const first = ["record", "provenance", "tensor-layout", "query", "record-store", "blob-store", "run-store"];
const last = ["errors", "conformance", "registries"];

interface VectorFile {
  readonly description: string;
  readonly tests: readonly unknown[];
}

/** Renders the standard as one HTML document that needs no other file. */
export async function renderStandard(): Promise<string> {
  const chapters = await readChapters();
  const schemas = await readFolder<Schema>("draft/schemas/");
  const registries = await readFolder<object>("registry/");
  const vectors = new Map([
    ...(await readFolder<VectorFile>("draft/vectors/")),
    ...(await readFolder<VectorFile>("draft/vectors/kinds/", "kinds/")),
    ...(await readFolder<VectorFile>("draft/vectors/documents/", "documents/")),
  ]);
  const demands = chapters.flatMap(({ html }) => html.match(/class="number"/g) ?? []).length;
  const appendix: readonly Chapter[] = [
    page(
      "schemas",
      "Schemas",
      `<p>JSON Schema 2020-12, one file for each document or body.</p>${[...schemas].map(([name, schema]) => renderSchema(name.replace(".schema", ""), schema)).join("\n")}`,
    ),
    page(
      "vectors",
      "Vectors",
      `<p>Under <code>vectors/</code> beside the texts, as JSON for any language.</p><div class="wide"><table><thead><tr><th>File</th><th>Tests</th><th>What they are about</th></tr></thead><tbody>${[...vectors].map(([name, file]) => `<tr id="vectors-${name.replaceAll("/", "-")}"><td><code>${name}.json</code></td><td>${file.tests.length}</td><td>${linkDemands(escapeHtml(file.description))}</td></tr>`).join("\n")}</tbody></table></div>`,
    ),
    page(
      "registry",
      "Registry files",
      `<p>The registries as they are read by programs; <a href="#registries">Registries</a> has the rules for additions.</p>${[...registries].map(([name, file]) => `<h3 id="registry-${name}"><a href="#registry-${name}"><code>${name}.json</code></a></h3><details><summary>JSON</summary><pre>${escapeHtml(JSON.stringify(file, null, 2))}</pre></details>`).join("\n")}`,
    ),
  ];
  const all = [...chapters, ...appendix];
  const css = await readFile(new URL("scripts/render/style.css", root), "utf8");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>RMTC ${specVersion}, draft</title>
<style>
${css}</style>
</head>
<body>
<nav aria-label="Contents"><p class="brand"><a href="#top">RMTC ${specVersion}, draft</a></p><ol>${all.map(contents).join("\n")}</ol></nav>
<main id="top">
<h1>RMTC ${specVersion}, draft</h1>
<p>The standards of RMTC for machine-learning artifacts in visual effects: what is written down, exchanged and proved, so that for any frame one can say which plates, people, licences and weights made it, and for any person what was made from them.</p>
<p class="cover">Release candidate: see <a href="#versioning">Versions of the standard</a>. ${demands} numbered demands, ${schemas.size} schemas, ${vectors.size} files of vectors.</p>
<p>The key words MUST, MUST NOT, SHOULD, SHOULD NOT and MAY are to be read as BCP 14 (RFC 2119, RFC 8174) says, when they stand in capitals. Every demand has a number, which is never used again for another demand, and its number in lower case is its anchor.</p>
<h2 id="record-graph"><a href="#record-graph">The graph of records</a></h2>
${await recordGraph()}
${all.map(({ id, html }) => `<article class="chapter" id="${id}">\n${html}</article>`).join("\n")}
</main>
</body>
</html>
`;
}

async function readChapters(): Promise<Chapter[]> {
  const names = (await readdir(new URL("draft/", root)))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
  const between = names.filter((name) => !first.includes(name) && !last.includes(name));
  const ordered = [...first, ...between, ...last].filter((name) => names.includes(name));
  const paths = [
    ...ordered.map((name) => `draft/${name}.md`),
    "VERSIONING.md",
    "../docs/reference/glossary.md",
  ];
  return await Promise.all(
    paths.map(async (path) => {
      const id = path.replace(/^.*\//, "").replace(/\.md$/, "").toLowerCase();
      return renderChapter(id, await readFile(new URL(path, root), "utf8"));
    }),
  );
}

async function readFolder<T>(folder: string, prefix = ""): Promise<Map<string, T>> {
  const files = (await readdir(new URL(folder, root))).filter((name) => name.endsWith(".json")).sort();
  return new Map(
    await Promise.all(
      files.map(async (name) => {
        const text = await readFile(new URL(`${folder}${name}`, root), "utf8");
        return [`${prefix}${name.slice(0, -".json".length)}`, JSON.parse(text) as T] as const;
      }),
    ),
  );
}

async function recordGraph(): Promise<string> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`registry/${name}.json`, root), "utf8"));
  const { families } = (await read("kinds")) as { families: Families };
  const { relations } = (await read("relations")) as { relations: readonly RelationRow[] };
  return drawRecordGraph(families, relations);
}

function page(id: string, title: string, content: string): Chapter {
  return { id, title, sections: [], html: `<h1><a href="#${id}">${title}</a></h1>\n${content}` };
}

function contents({ id, title, sections }: Chapter): string {
  const link = `<a href="#${id}">${escapeHtml(title)}</a>`;
  if (sections.length === 0) return `<li>${link}</li>`;
  const inner = sections.map((one) => `<li><a href="#${one.id}">${escapeHtml(one.title)}</a></li>`).join("");
  return `<li>${link}<ol>${inner}</ol></li>`;
}

function linkDemands(html: string): string {
  return html.replace(/RMTC-[A-Z]{3}-\d{3}/g, (number) => `<a href="#${number.toLowerCase()}">${number}</a>`);
}

if (import.meta.main) {
  const target = new URL("dist/standard.html", root);
  await mkdir(new URL("./", target), { recursive: true });
  await writeFile(target, await renderStandard());
  console.log(fileURLToPath(target));
}
