// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type IngestSubject, ingest, referenceOf, resolveReference, type Workspace } from "@rmtc/core";
import type { CoverageState, Origin } from "@rmtc/spec";
import { type Command, Option } from "commander";
import { addCommonOptions, collect } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { Progress } from "../output/progress.ts";
import { formatTable } from "../output/table.ts";
import { parseFrames } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly license?: readonly string[];
  readonly subject?: readonly string[];
  readonly coverage?: CoverageState;
  readonly coverageMethod?: string;
  readonly origin?: Origin;
  readonly sequence?: string;
  readonly reference?: boolean;
  readonly pixelCheck: boolean;
  readonly solution?: string;
}

/** `rmtc ingest`: takes in image frames. */
export function register(program: Command): void {
  const command = program
    .command("ingest")
    .summary("take in image frames as assets")
    .description("Takes in EXR or PNG frames as assets. Every file is checked before anything is stored.")
    .argument("<input>", "a folder, a file, or a sequence such as plates/sh010.####.exr")
    .option("-l, --license <record>", "a licence the frames are under (repeatable)", collect)
    .option(
      "-s, --subject <record[:frames]>",
      "a subject they depict, for example hero-b:1009-1022 (repeatable)",
      collect,
    )
    .addOption(
      new Option("--coverage <state>", "whether these are all subjects").choices([
        "complete",
        "partial",
        "unknown",
      ]),
    )
    .option("--coverage-method <text>", "how that is known, for example 'call sheet'")
    .addOption(
      new Option("--origin <origin>", "why no activity came before").choices(["captured", "handmade"]),
    )
    .option("--sequence <name>", "what the sequence is called (default: from the file names)")
    .option("--reference", "leave the files where they are instead of copying them")
    .option("--no-pixel-check", "read only headers; damaged pixels go unnoticed")
    .option("--solution <record>", "the solution this is for");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc ingest plates/sh010.####.exr --license show-terms --origin captured\n  rmtc ingest plates --license show-terms --subject hero-a --subject hero-b:1009-1022 --coverage complete",
    )
    .action(
      async (input: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, input, options)),
    );
}

async function run(
  workspace: Workspace,
  signal: AbortSignal,
  input: string,
  options: Options,
): Promise<void> {
  const licenses = await Promise.all(
    (options.license ?? []).map(async (text) =>
      referenceOf(await resolveReference(workspace, text, ["license"])),
    ),
  );
  const subjects = await Promise.all((options.subject ?? []).map((text) => parseSubject(workspace, text)));
  if (options.coverageMethod !== undefined && options.coverage === undefined) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      "--coverage-method says how the coverage is known; give --coverage too.",
    );
  }
  using progress = new Progress("ingest", { silent: options.json });
  const assets = await ingest(workspace, {
    input,
    licenses,
    subjects,
    coverage:
      options.coverage === undefined
        ? undefined
        : { state: options.coverage, method: options.coverageMethod },
    origin: options.origin,
    sequenceName: options.sequence,
    mode: options.reference === true ? "reference" : "copy",
    checkPixels: options.pixelCheck,
    solution:
      options.solution === undefined
        ? undefined
        : referenceOf(await resolveReference(workspace, options.solution, ["solution"])),
    signal,
    onProgress: ({ step, done, total }) =>
      progress.update(done, total, step === "check" ? "checking" : "storing"),
  });
  progress[Symbol.dispose]();
  if (options.json === true) {
    printJson({ assets: assets.map(({ reference, ...asset }) => ({ ...reference, ...asset })) });
    return;
  }
  const created = assets.filter((asset) => asset.status === "created").length;
  const rows = assets
    .slice(0, 5)
    .map((asset) => [String(asset.frameNumber ?? ""), asset.status, asset.reference.id]);
  console.log(formatTable(["frame", "status", "asset"], rows));
  if (assets.length > rows.length) console.log(`… and ${assets.length - rows.length} more`);
  console.log(`${created} assets put, ${assets.length - created} known already.`);
}

/** `hero-b:1009-1022` is the subject in these frames; a name with a colon can be given by its id. */
async function parseSubject(workspace: Workspace, text: string): Promise<IngestSubject> {
  const match = /^(.*):([\d,-]+)$/.exec(text);
  const [name, frames] =
    match === null || text.startsWith("urn:uuid:") ? [text, undefined] : [match[1] ?? "", match[2]];
  return {
    subject: referenceOf(await resolveReference(workspace, name, ["subject"])),
    frames: frames === undefined ? undefined : parseFrames(frames),
  };
}
