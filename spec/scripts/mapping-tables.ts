// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";

type Cells = Readonly<Record<string, string>>;

/** As `spec/test/mapping.ts` has it, as far as the tables need it. */
interface Mapping {
  readonly standard: string;
  readonly version: string;
  readonly address: string;
  readonly validator: string | null;
  readonly example: string;
  readonly kinds: Cells;
  readonly relations: Cells;
  readonly fields: Cells;
  readonly theirs: Cells;
  readonly proofs: readonly { readonly row: string }[];
}

/** Pads a table's cells. */
export type MakeTable = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const folder = new URL("../mappings/", import.meta.url);

/** Makes the generated part of every mapping's page and of their index, by path under `spec/`. */
export async function mappingTables(
  table: MakeTable,
): Promise<Map<string, Readonly<Record<string, string>>>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json") && name !== "records.json");
  const tables = new Map<string, Readonly<Record<string, string>>>();
  const overview: string[][] = [];
  for (const name of names.sort()) {
    const mapping = JSON.parse(await readFile(new URL(name, folder), "utf8")) as Mapping;
    const page = name.replace(".json", ".md");
    tables.set(`mappings/${page}`, { mapping: pageOf(mapping, table) });
    const { kinds, relations, fields, theirs, proofs } = mapping;
    overview.push([
      `[${mapping.standard}](../../spec/mappings/${page})`,
      mapping.version,
      ...[kinds, relations, fields, theirs].map((cells) => mappedOf(cells)),
      `${proofs.length}`,
      mapping.validator === null ? "no" : "yes",
    ]);
  }
  const head = [
    "Standard",
    "Version",
    "Kinds",
    "Relations",
    "Fields",
    "Theirs",
    "Proved paths",
    "Real reader",
  ];
  tables.set("../docs/reference/mappings.md", { mappings: table(head, overview) });
  return tables;
}

/** How many rows have a counterpart, of how many. */
function mappedOf(cells: Cells): string {
  const all = Object.values(cells);
  return `${all.filter((cell) => !cell.startsWith("none")).length} of ${all.length}`;
}

function pageOf(mapping: Mapping, table: MakeTable): string {
  const proved = new Set(mapping.proofs.map(({ row }) => row));
  const part = (name: "kinds" | "relations" | "fields", head: string): string =>
    table(
      [head, mapping.standard, "In the example"],
      Object.entries(mapping[name]).map(([row, cell]) => [
        `\`${row}\``,
        cell,
        proved.has(`${name}.${row}`) ? "yes" : "",
      ]),
    );
  return [
    `Version: ${mapping.version}.`,
    `Source: <${mapping.address}>.`,
    `Example: [${mapping.example}](${mapping.example}), of the production in [records.json](records.json).`,
    mapping.validator ?? "No official validator was run.",
    "",
    `## Kinds\n\n${part("kinds", "Kind")}`,
    "",
    `## Relations\n\n${part("relations", "Relation")}`,
    "",
    `## Fields\n\n${part("fields", "Field")}`,
    "",
    "## The other way",
    "",
    table([mapping.standard, "Here"], Object.entries(mapping.theirs)),
  ].join("\n");
}
