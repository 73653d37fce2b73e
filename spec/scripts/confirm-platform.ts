// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { isInVersionRange } from "../src/index.ts";
import { readPlatform } from "./read-platform.ts";

/** What the Python Package Index says of the rows of the addendum. */
export interface ConfirmedPlatform {
  /** The day on which it was asked. */
  readonly date: string;
  readonly rows: readonly {
    readonly year: string;
    readonly component: string;
    /** The package that was asked for, where the row's source is one. */
    readonly package?: string;
    readonly confirmed: boolean;
    /** What was found: the newest release that fits the row, or why the row isn't confirmed. */
    readonly found: string;
  }[];
}

interface IndexFile {
  readonly filename: string;
  readonly yanked?: boolean | string;
}

const index = process.env.PIP_INDEX_URL ?? "https://pypi.org/simple";

/**
 * Asks the index for every row whose source is a package there: a row is confirmed when a release fits it that is
 * not withdrawn and has a wheel for the year's Python on Linux (tags of PEP 425). Addresses of other sources are
 * for people to look at.
 */
async function confirm(): Promise<ConfirmedPlatform> {
  const { years, vfxYears } = await readPlatform();
  const rows: ConfirmedPlatform["rows"][number][] = [];
  for (const { year, vfx_platform, components } of years) {
    const python = vfxYears.find((one) => one.year === vfx_platform)?.components.python?.version ?? "";
    for (const [component, row] of Object.entries(components)) {
      const name = /^https:\/\/pypi\.org\/project\/([^/]+)\//.exec(row.source?.address ?? "")?.[1];
      if (name === undefined) {
        const found = row.source === undefined ? "no source yet" : "the source is no registry";
        rows.push({ year, component, confirmed: false, found });
        continue;
      }
      const version = newestWheel(await filesOf(name), row.version, python);
      const found = version ?? `no wheel of ${row.version} for Python ${python}`;
      rows.push({ year, component, package: name, confirmed: version !== undefined, found });
    }
  }
  return { date: new Date().toISOString().slice(0, 10), rows };
}

/** The simple index as JSON (PEP 691). */
async function filesOf(name: string): Promise<readonly IndexFile[]> {
  const response = await fetch(`${index.replace(/\/$/, "")}/${name}/`, {
    headers: { accept: "application/vnd.pypi.simple.v1+json" },
  });
  if (!response.ok) throw new Error(`The index answers ${response.status} for ${name}.`);
  return ((await response.json()) as { readonly files: readonly IndexFile[] }).files;
}

/** Returns the newest release in a range with a wheel for a Python such as `3.13.x` on Linux, by the files' names. */
function newestWheel(files: readonly IndexFile[], range: string, python: string): string | undefined {
  const [major, minor] = python.split(".").map(Number);
  const fits = files.flatMap(({ filename, yanked }) => {
    const [, version = "", interpreters = "", abi = "", platform = ""] =
      /^[^-]+-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/.exec(filename) ?? [];
    const isPlain = /^\d+(\.\d+)*(\.post\d+)?$/.test(version);
    const own = interpreters.split(".").some((tag) => {
      const [, tagMajor, tagMinor] = /^(?:cp|py)(\d)(\d*)$/.exec(tag) ?? [];
      if (Number(tagMajor) !== major) return false;
      if (tag.startsWith("py")) return tagMinor === "" || Number(tagMinor) <= (minor ?? 0);
      return abi === "abi3" ? Number(tagMinor) <= (minor ?? 0) : Number(tagMinor) === minor;
    });
    const onLinux = platform === "any" || /linux.*x86_64/.test(platform);
    const fit = isPlain && own && onLinux && !yanked && isInVersionRange(version, range);
    return fit ? [version] : [];
  });
  return fits.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
}

if (import.meta.main) {
  const confirmed = await confirm();
  for (const { year, component, confirmed: is, found } of confirmed.rows) {
    console.log(`${is ? "✓" : "–"} ${year} ${component.padEnd(20)} ${found}`);
  }
  const path = new URL("../platform/confirmed.json", import.meta.url);
  await writeFile(path, `${JSON.stringify(confirmed, null, 2)}\n`);
}
