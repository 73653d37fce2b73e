// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Marked } from "marked";
import { escapeHtml } from "./escape-html.ts";

/** As much of JSON Schema as the schemas of the standard use. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number | boolean)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const marked = new Marked();

/** Shows one schema: the fields of each object in a table, and the JSON itself to unfold. */
export function renderSchema(name: string, schema: Schema): string {
  const defs = Object.entries(schema.$defs ?? {});
  const parts = defs.map(
    ([title, def]) =>
      `<h4 id="schema-${name}--${title}">${escapeHtml(title)}</h4>${describe(def)}${fields(name, def)}`,
  );
  return `<section class="schema"><h3 id="schema-${name}"><a href="#schema-${name}"><code>${name}.schema.json</code></a></h3>
${describe(schema)}${fields(name, schema)}${parts.join("\n")}
<details><summary>JSON</summary><pre>${linkReferences(name, JSON.stringify(schema, null, 2))}</pre></details></section>`;
}

function describe(schema: Schema): string {
  const text = schema.description === undefined ? "" : inline(schema.description);
  const rule = schema.properties === undefined ? constraint(schema) : "";
  return text === "" && rule === "" ? "" : `<p>${text} ${rule}</p>`;
}

function fields(name: string, schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([field, value]) => {
    const needed = schema.required?.includes(field) === true ? ' <b class="bcp">REQUIRED</b>' : "";
    const text = value.description === undefined ? "" : inline(value.description);
    return `<tr><td><code>${escapeHtml(field)}</code>${needed}</td><td>${typeOf(name, value)}</td><td>${text} ${constraint(value)}</td></tr>`;
  });
  if (rows.length === 0) return "";
  return `<div class="wide"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

function typeOf(name: string, schema: Schema): string {
  if (schema.$ref !== undefined) {
    const anchor = referenceAnchor(name, schema.$ref);
    return `<a href="#${anchor}">${escapeHtml(anchor.replace(/^schema-(.*--)?/, ""))}</a>`;
  }
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : typeOf(name, schema.items)}`;
  return schema.type ?? "any";
}

function constraint(schema: Schema): string {
  const one = schema.items?.enum ?? schema.enum;
  const rules: string[] = [];
  if (one !== undefined)
    rules.push(`One of ${one.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(" ")}.`);
  if (schema.pattern !== undefined) rules.push(`Pattern <code>${escapeHtml(schema.pattern)}</code>.`);
  const { minimum, maximum } = schema;
  const isSafeEnd = (value: number): boolean => Math.abs(value) === Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && !isSafeEnd(minimum)) rules.push(`At least ${minimum}.`);
  if (maximum !== undefined && !isSafeEnd(maximum)) rules.push(`At most ${maximum}.`);
  return rules.join(" ");
}

/** `common.schema.json#/$defs/Digest` becomes `schema-common--Digest`. */
function referenceAnchor(name: string, reference: string): string {
  const [file = "", pointer = ""] = reference.split("#");
  const target = file === "" ? name : file.replace(".schema.json", "");
  const def = pointer.replace("/$defs/", "");
  return def === "" ? `schema-${target}` : `schema-${target}--${def}`;
}

function linkReferences(name: string, json: string): string {
  return escapeHtml(json).replace(
    /(&quot;\$ref&quot;: &quot;)(.*?)(&quot;)/g,
    (_, before: string, reference: string, after: string) =>
      `${before}<a href="#${referenceAnchor(name, reference)}">${reference}</a>${after}`,
  );
}

function inline(text: string): string {
  return marked.parseInline(text, { async: false }) as string;
}
