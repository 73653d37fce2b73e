// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import type { ConfirmedPlatform } from "./confirm-platform.ts";
import { readPlatform } from "./read-platform.ts";

type MakeTable = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const confirmed = new URL("../platform/confirmed.json", import.meta.url);

/** Makes the tables of the page on the platform: the years beside each other, what they inherit, and the rules. */
export async function platformTables(table: MakeTable): Promise<Readonly<Record<string, string>>> {
  const { years: platformYears, vfxYears, rules: platformRules } = await readPlatform();
  const { date, rows } = JSON.parse(await readFile(confirmed, "utf8")) as ConfirmedPlatform;
  const years = platformYears.map(({ year }) => year);
  const components = [...new Set(platformYears.flatMap((year) => Object.keys(year.components)))];
  const shown = (row: { version: string; min_max?: true } | undefined): string =>
    row === undefined ? "–" : `${row.min_max === true ? "≥ " : ""}${row.version}`;
  const own = components.map((id) => {
    const found = platformYears.map((year) => year.components[id]);
    const group = found.find((row) => row !== undefined)?.group ?? "";
    return [
      group,
      id,
      ...found.map((row, at) => {
        const sure = rows.some((one) => one.year === years[at] && one.component === id && one.confirmed);
        const mark = row === undefined ? "" : sure ? " ✓" : row.unverified === true ? " ?" : "";
        return `${shown(row)}${mark}`;
      }),
    ];
  });
  const inherited = [...new Set(vfxYears.flatMap((year) => Object.keys(year.components)))].map((id) => [
    id,
    ...vfxYears.map((year) => shown(year.components[id])),
  ]);
  const rules = platformRules.map(({ component, versions, needs, source }) => [
    `${component} ${versions}`,
    Object.entries(needs)
      .map(([id, ranges]) => `${id} ${ranges.join(" or ")}`)
      .join(", "),
    `[${source.date}](${source.address})${source.copy === true ? ", in a copy" : ""}`,
  ]);
  const counts = platformYears.map((year) => {
    const all = Object.values(year.components);
    const sure = rows.filter((row) => row.year === year.year && row.confirmed).length;
    const sourced = all.filter((row) => row.source !== undefined).length;
    return [year.year, year.status, String(all.length), String(sourced), String(sure)];
  });
  return {
    years: table(["Group", "Component", ...years], own),
    inherited: table(["Component", ...vfxYears.map(({ year }) => year)], inherited),
    rules: table(["Of", "Needs", "Read"], rules),
    counts: `${table(["Year", "Status", "Rows", "With a source", "Confirmed"], counts)}\n\nConfirmed on ${date}.`,
  };
}
