// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import type { FoundSoftware, JudgedRow, YearRow } from "@rmtc/core";
import { type PlatformUse, platformYears } from "@rmtc/spec";
import { type Command, Option } from "commander";
import { printJson } from "../output/print-json.ts";
import { printable } from "../output/printable.ts";
import { style } from "../output/style.ts";
import { formatTable } from "../output/table.ts";
import { withWorkspace } from "../with-workspace.ts";

interface CheckOptions {
  readonly year: string;
  readonly python?: string;
  readonly requirements?: string;
  readonly model?: string;
  readonly environment?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** What is judged, and what nobody could judge in it. */
interface Judged {
  readonly of: string;
  readonly software: readonly FoundSoftware[];
  /** Whether only what is listed is judged. */
  readonly foundOnly: boolean;
  /** Whether it runs there or is needed. */
  readonly use: PlatformUse;
  readonly unpinned: readonly string[];
}

const colours: Readonly<Record<JudgedRow["verdict"], Parameters<typeof style>[0]>> = {
  fits: "green",
  "too old": "red",
  "too new": "red",
  missing: "dim",
  unknown: "yellow",
};

/** `rmtc platform`: the AI-platform addendum, and what it says of a machine. */
export function register(program: Command): void {
  const years = platformYears.map(({ year }) => year);
  const platform = program
    .command("platform")
    .summary("judge a machine or an environment against a platform year")
    .description(
      `Shows the AI-platform addendum to the VFX Platform (${years.join(", ")}), and judges by it.`,
    )
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc platform check --year CY2026\n  rmtc platform check --python venv/bin/python\n  rmtc platform diff CY2026 CY2027",
    );
  platform
    .command("check")
    .summary("judge this machine, or what an option names")
    .description(
      "Judges this machine with its python3, or what an option names. Exits with 1 if something is too old or too new; what is missing may not be needed.",
    )
    .option("--year <year>", "the year to judge by", years.at(-1))
    .addOption(
      new Option(
        "--python <interpreter>",
        "another Python on this machine, with the packages it would find",
      ).conflicts(["requirements", "environment"]),
    )
    .addOption(
      new Option("--requirements <file>", "the pins of a pip requirements file").conflicts([
        "environment",
        "model",
      ]),
    )
    .addOption(new Option("--model <file>", "what an ONNX file needs").conflicts(["environment", "python"]))
    .option("--environment <record>", "an environment record of a workspace")
    .option("-w, --workspace <folder>", "a folder in the workspace (default: the current one)")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc platform check\n  rmtc platform check --year CY2026 --requirements requirements.txt\n  rmtc platform check --environment environment-0123456789abcdef --json",
    )
    .action(check);
  platform
    .command("show")
    .summary("show a year")
    .description("Shows a year with what it inherits from the VFX Platform.")
    .argument("[year]", "the year", years.at(-1))
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  rmtc platform show CY2026")
    .action(show);
  platform
    .command("diff")
    .summary("show what changes between two years")
    .description("Shows the rows that differ between two years.")
    .argument("<from>", "a year")
    .argument("<to>", "another year")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  rmtc platform diff CY2026 CY2027")
    .action(diff);
}

async function check(options: CheckOptions): Promise<void> {
  const { judgePlatform } = await import("@rmtc/core");
  const { of, software, foundOnly, use, unpinned } = await readSoftware(options);
  const rows = judgePlatform(options.year, software, { foundOnly, use });
  const wrong = rows.filter(({ verdict }) => verdict === "too old" || verdict === "too new");
  if (wrong.length > 0) process.exitCode = 1;
  if (options.json === true) {
    printJson({ year: options.year, of, rows, unpinned });
    return;
  }
  console.log(`${printable(of)} against ${options.year}\n`);
  console.log(
    formatTable(
      ["component", "year", "found", "", "what to do"],
      rows.map((row) => [
        row.component,
        versionOf(row),
        printable(row.found ?? ""),
        style(colours[row.verdict], row.verdict),
        row.remedy ?? "",
      ]),
    ),
  );
  for (const line of unpinned)
    console.log(`${style("yellow", "unknown")}  ${printable(line)} pins no version`);
  const count = (verdict: JudgedRow["verdict"]): number =>
    rows.filter((row) => row.verdict === verdict).length;
  console.log(
    `\n${count("fits")} fit, ${count("too old")} too old, ${count("too new")} too new, ${count("missing")} missing, ${count("unknown") + unpinned.length} unknown`,
  );
}

async function readSoftware(options: CheckOptions): Promise<Judged> {
  const core = await import("@rmtc/core");
  const { requirements, environment, model } = options;
  if (requirements !== undefined) {
    let text: string;
    try {
      text = await readFile(requirements, "utf8");
    } catch (error) {
      throw core.fileError(error, requirements);
    }
    const { pinned, unpinned } = core.parseRequirements(text);
    return { of: requirements, software: pinned, foundOnly: true, use: "runs", unpinned };
  }
  if (model !== undefined) {
    return { of: model, software: await readNeeds(model), foundOnly: true, use: "needs", unpinned: [] };
  }
  if (environment !== undefined) {
    let software: readonly FoundSoftware[] = [];
    await withWorkspace(options, async (workspace) => {
      const { record } = await core.resolveReference(workspace, environment, ["environment"]);
      software = core.bodyOf(record, "environment")?.software ?? [];
    });
    return { of: environment, software, foundOnly: false, use: "runs", unpinned: [] };
  }
  const { software } = await core.probeMachine();
  const node = { name: "node", version: process.versions.node };
  const python = await readPython(options.python);
  const of = options.python === undefined ? "This machine" : `This machine with ${options.python}`;
  return { of, software: [node, ...software, ...python], foundOnly: false, use: "runs", unpinned: [] };
}

/** Reads which operator set and IR an ONNX file says that it needs. */
async function readNeeds(path: string): Promise<readonly FoundSoftware[]> {
  const { readOnnx } = await import("@rmtc/onnx");
  const { irVersion, opsetImports } = await readOnnx(path);
  const opset = opsetImports.find(({ domain }) => domain === "" || domain === "ai.onnx");
  return [
    ...(opset === undefined ? [] : [{ name: "onnx-opset", version: String(opset.version) }]),
    { name: "onnx-ir", version: String(irVersion) },
  ];
}

/** Reads the Python that was asked for, or the one that is first on the path, if there is one. */
async function readPython(asked: string | undefined): Promise<readonly FoundSoftware[]> {
  const { readPythonEnvironment } = await import("@rmtc/core");
  if (asked !== undefined) return await readPythonEnvironment(asked);
  return await readPythonEnvironment("python3").catch(() => []);
}

async function show(year: string, options: { readonly json?: boolean }): Promise<void> {
  const { rowsOfYear } = await import("@rmtc/core");
  const rows = rowsOfYear(year);
  if (options.json === true) {
    printJson({ year, rows });
    return;
  }
  const shown = rows.map((row) => [
    row.group,
    row.component,
    versionOf(row),
    row.unverified ? style("yellow", "unverified") : "",
    row.note ?? "",
  ]);
  console.log(formatTable(["group", "component", "version", "", "note"], shown));
}

async function diff(from: string, to: string, options: { readonly json?: boolean }): Promise<void> {
  const { rowsOfYear } = await import("@rmtc/core");
  const [before, after] = [from, to].map(
    (year) => new Map(rowsOfYear(year).map((row) => [row.component, versionOf(row)])),
  ) as [Map<string, string>, Map<string, string>];
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .map((component) => ({ component, from: before.get(component), to: after.get(component) }))
    .filter((change) => change.from !== change.to);
  if (options.json === true) {
    printJson({ from, to, changes });
    return;
  }
  const rows = changes.map((change) => [change.component, change.from ?? "–", change.to ?? "–"]);
  console.log(rows.length === 0 ? "No row differs." : formatTable(["component", from, to], rows));
}

function versionOf({ version, minMax }: YearRow): string {
  return minMax ? `≥ ${version}` : version;
}
