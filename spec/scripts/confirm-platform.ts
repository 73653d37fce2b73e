// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { HTTPRangeReader, unzip } from "unzipit";
import { isInVersionRange } from "../src/index.ts";
import { readPlatform } from "./read-platform.ts";

/** What the Python Package Index and npm say of the rows of the addendum. */
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
    /** What npm has of the same component, where it is published there as well. */
    readonly npm?: { readonly package: string; readonly found: string };
  }[];
}

interface IndexFile {
  readonly filename: string;
  readonly url: string;
  readonly yanked?: boolean | string;
}

interface Wheel {
  readonly version: string;
  readonly url: string;
}

const index = (process.env.PIP_INDEX_URL ?? "https://pypi.org/simple").replace(/\/$/, "");
const npm = process.env.npm_config_registry?.replace(/\/$/, "") ?? "https://registry.npmjs.org";

/** Rows that PyTorch's wheel for Linux pins by one of these packages; of each name's ending the CUDA version is left out. */
const pinnedByPytorch: Readonly<Record<string, readonly string[]>> = {
  cuda: ["cuda-toolkit", "nvidia-cuda-runtime"],
  cudnn: ["nvidia-cudnn"],
  nccl: ["nvidia-nccl"],
};
/** Rows whose source is a table, and whose releases are packages all the same. */
const releasedAs: Readonly<Record<string, string>> = { onnx: "onnx" };
const npmPackages: Readonly<Record<string, string>> = { onnxruntime: "onnxruntime-node" };

/**
 * Asks the index for every row that is a package there: a row is confirmed when a release fits it that is not
 * withdrawn and has a wheel for the year's Python on Linux (tags of PEP 425), or when the wheel of the year's PyTorch
 * pins a version that fits it. Addresses of other sources are for people to look at.
 */
async function confirm(): Promise<ConfirmedPlatform> {
  const { years, vfxYears } = await readPlatform();
  const rows: ConfirmedPlatform["rows"][number][] = [];
  for (const { year, vfx_platform, components } of years) {
    const python = vfxYears.find((one) => one.year === vfx_platform)?.components.python?.version ?? "";
    const pytorch = newestWheel(await filesOf("torch"), components.pytorch?.version ?? "", python);
    const pins = pytorch === undefined ? [] : await requirementsOf(pytorch);
    for (const [component, row] of Object.entries(components)) {
      const name =
        releasedAs[component] ??
        /^https:\/\/pypi\.org\/project\/([^/]+)\//.exec(row.source?.address ?? "")?.[1];
      const pinned = pinnedByPytorch[component];
      if (pinned !== undefined) {
        const pin = pins.find((one) => pinned.includes(one.name));
        const confirmed = pin !== undefined && isInVersionRange(pin.version, row.version);
        const found = pin === undefined ? "PyTorch's wheel pins none" : pin.version;
        rows.push({ year, component, package: "torch", confirmed, found });
      } else if (name === undefined) {
        const found = row.source === undefined ? "no source yet" : "the source is no registry";
        rows.push({ year, component, confirmed: false, found });
      } else {
        const wheel = newestWheel(await filesOf(name), row.version, python);
        const found = wheel?.version ?? `no wheel of ${row.version} for Python ${python}`;
        const also = npmPackages[component];
        const onNpm =
          also === undefined ? {} : { npm: { package: also, found: await findOnNpm(also, row.version) } };
        rows.push({ year, component, package: name, confirmed: wheel !== undefined, found, ...onNpm });
      }
    }
  }
  return { date: new Date().toISOString().slice(0, 10), rows };
}

/** The simple index as JSON (PEP 691). */
async function filesOf(name: string): Promise<readonly IndexFile[]> {
  const response = await fetch(`${index}/${name}/`, {
    headers: { accept: "application/vnd.pypi.simple.v1+json" },
  });
  if (!response.ok) throw new Error(`The index answers ${response.status} for ${name}.`);
  const { files } = (await response.json()) as { readonly files: readonly IndexFile[] };
  return files.map((file) => ({ ...file, url: new URL(file.url, `${index}/${name}/`).href }));
}

/** What a wheel pins on Linux (core metadata, Requires-Dist), read by ranges: the wheel itself can have a gigabyte. */
async function requirementsOf({
  url,
}: Wheel): Promise<readonly { readonly name: string; readonly version: string }[]> {
  const { entries } = await unzip(new HTTPRangeReader(url));
  const [metadata] = Object.values(entries).filter(({ name }) => /^[^/]+\.dist-info\/METADATA$/.test(name));
  return [
    ...((await metadata?.text()) ?? "").matchAll(
      /^Requires-Dist: ([\w-]+?)(?:-cu\d+)?(?:\[.*?\])?==([\d.]+)/gm,
    ),
  ].map(([, name = "", version = ""]) => ({ name, version }));
}

/** Returns the newest release of a package of npm in a range; versions made before a release do not count. */
async function findOnNpm(name: string, range: string): Promise<string> {
  const response = await fetch(`${npm}/${name}`, {
    headers: { accept: "application/vnd.npm.install-v1+json" },
  });
  if (!response.ok) throw new Error(`npm answers ${response.status} for ${name}.`);
  const { versions } = (await response.json()) as { readonly versions: Readonly<Record<string, unknown>> };
  const fits = Object.keys(versions).filter(
    (version) => /^[\d.]+$/.test(version) && isInVersionRange(version, range),
  );
  return fits.sort(byNumbers).at(-1) ?? `no release of ${range}`;
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Returns the newest release in a range with a wheel for a Python such as `3.13.x` on Linux, by the files' names. */
function newestWheel(files: readonly IndexFile[], range: string, python: string): Wheel | undefined {
  const [major, minor] = python.split(".").map(Number);
  const fits = files.flatMap(({ filename, url, yanked }) => {
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
    return fit ? [{ version, url }] : [];
  });
  return fits.sort((a, b) => byNumbers(a.version, b.version)).at(-1);
}

if (import.meta.main) {
  const confirmed = await confirm();
  for (const { year, component, confirmed: is, found, npm: also } of confirmed.rows) {
    const onNpm = also === undefined ? "" : `; npm, ${also.package}: ${also.found}`;
    console.log(`${is ? "✓" : "–"} ${year} ${component.padEnd(20)} ${found}${onNpm}`);
  }
  const path = new URL("../platform/confirmed.json", import.meta.url);
  await writeFile(path, `${JSON.stringify(confirmed, null, 2)}\n`);
}
