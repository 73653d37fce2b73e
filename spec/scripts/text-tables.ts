// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";
import { mappingTables } from "./mapping-tables.ts";
import { platformTables } from "./platform-page.ts";

type Row = readonly string[];
type Entry = Readonly<Record<string, unknown>>;

const root = new URL("../", import.meta.url);

/** Makes the texts whose tables come from the registries, by their path under `spec/`. */
export async function generateTexts(): Promise<Map<string, string>> {
  const families = await readField<Readonly<Record<string, readonly string[]>>>(
    "registry/kinds.json",
    "families",
  );
  const relations = await readField<readonly Entry[]>("registry/relations.json", "relations");
  const fields = await readField<readonly Entry[]>("registry/query-fields.json", "fields");
  const errors = await readField<readonly Entry[]>("draft/errors.json", "errors");
  const methods = await readField<readonly Entry[]>("registry/wire-methods.json", "methods");
  const kindRows = Object.entries(families).map(([family, kinds]) => [family, listed(kinds)]);
  const relationRows = relations.map(({ rel, strength, sources, targets, max, meaning }) => [
    `\`${rel}\``,
    String(strength),
    listed(sources),
    listed(targets),
    String(max ?? "any"),
    String(meaning),
  ]);
  const fieldRows = fields.map(({ field, type, path, operators, orderable, kinds }) => [
    `\`${field}\``,
    String(type),
    `\`${path}\``,
    listed(operators),
    orderable === true ? "yes" : "no",
    kinds === undefined ? "all" : listed(kinds),
  ]);
  const errorRows = errors.map(({ code, meaning, remedy }) => [
    `\`${code}\``,
    String(meaning),
    String(remedy),
  ]);
  const prefixes = await readField<readonly Entry[]>("registry/vendor-prefixes.json", "prefixes");
  const mediaTypes = await readField<readonly Entry[]>("registry/media-types.json", "mediaTypes");
  const capabilities = await readField<readonly Entry[]>("registry/capabilities.json", "capabilities");
  const prefixRows = prefixes.map(({ prefix, holder, meaning }) => [
    `\`${prefix}\``,
    String(holder),
    String(meaning),
  ]);
  const mediaTypeRows = mediaTypes.map(({ mediaType, suffix, meaning }) => [
    `\`${mediaType}\``,
    suffix === "" ? "" : `\`${suffix}\``,
    String(meaning),
  ]);
  const capabilityRows = capabilities.map(({ instance, capability, type, meaning }) => [
    String(instance),
    `\`${capability}\``,
    String(type),
    String(meaning),
  ]);
  const methodRows = methods.map(({ method, params, callbacks, returns }) => [
    `\`${method}\``,
    (params as readonly string[])
      .map((name) => ((callbacks as readonly string[]).includes(name) ? `_${name}_` : `\`${name}\``))
      .join(" "),
    String(returns),
  ]);
  const bodyRows = await Promise.all(
    Object.values(families)
      .flat()
      .map(async (kind) => {
        const path = `schemas/${kind}.schema.json`;
        return [`\`${kind}\``, await readField<string>(`draft/${path}`, "description"), `\`${path}\``];
      }),
  );
  const tables: Readonly<Record<string, string>> = {
    kinds: table(["Family", "Kinds"], kindRows),
    bodies: table(["Kind", "What it is", "Schema of the body"], bodyRows),
    relations: table(["Relation", "Strength", "From", "To", "At most", "Meaning"], relationRows),
    fields: table(["Field", "Type", "Path", "Operators", "Order", "Kinds"], fieldRows),
    prefixes: table(["Prefix", "Holder", "Meaning"], prefixRows),
    mediaTypes: table(["Media type", "Suffix", "Meaning"], mediaTypeRows),
    capabilities: table(["Declared by", "Name", "Type", "Meaning"], capabilityRows),
    wireMethods: table(["Method", "Parameters", "Result"], methodRows),
    errors: table(["Code", "Meaning", "What to do"], errorRows),
  };
  const paths = (await readdir(new URL("draft/", root)))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `draft/${name}`);
  const tablesByPath = new Map([
    ...paths.map((path) => [path, tables] as const),
    ...(await mappingTables(table)),
    ["../docs/reference/platform.md", await platformTables(table)],
  ]);
  return new Map(
    await Promise.all(
      [...tablesByPath].map(async ([path, ofPath]) => [path, await filled(path, ofPath)] as const),
    ),
  );
}

async function readField<T>(path: string, field: string): Promise<T> {
  return (JSON.parse(await readFile(new URL(path, root), "utf8")) as Record<string, T>)[field] as T;
}

function listed(names: unknown): string {
  const list = names as readonly string[];
  return list.includes("*") ? "any" : list.map((name) => `\`${name}\``).join(" ");
}

/** Pads cells, as the formatter of the repository does. */
function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`)
    .join("\n");
}

/** Puts each table between the marks that name it. */
async function filled(path: string, tables: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL(path, root), "utf8");
  return text.replace(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end generated -->)/g,
    (_, start, name, end) => {
      const body = tables[name as string];
      if (body === undefined) throw new Error(`${path} asks for the table ${name}, which nobody makes.`);
      return `${start}\n${body}\n\n${end}`;
    },
  );
}
