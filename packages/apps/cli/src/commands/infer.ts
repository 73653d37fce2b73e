// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type StoredRecord } from "@rmtc/contract";
import {
  bodyOf,
  checkout,
  findAll,
  getRecords,
  infer,
  referenceOf,
  resolveReference,
  targetsOf,
  type Workspace,
} from "@rmtc/core";
import type { Command } from "commander";
import { addCommonOptions } from "../add-common-options.ts";
import { printJson } from "../output/print-json.ts";
import { Progress } from "../output/progress.ts";
import { parseFrames, parseInteger } from "../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../with-workspace.ts";

interface Options extends WorkspaceOptions {
  readonly plates: string;
  readonly frames?: string;
  readonly channels: string;
  readonly outputChannels: string;
  readonly sequence?: string;
  readonly tile?: number;
  readonly overlap: number;
  readonly solution?: string;
  readonly to?: string;
}

/** `rmtc infer`: runs weights on plates. */
export function register(program: Command): void {
  const command = program
    .command("infer")
    .summary("run weights on plates")
    .description(
      "Runs weights on plates and publishes each frame as a new EXR: the plate's layers, and the inferred channels beside them. Frames that were inferred before are not made again.",
    )
    .argument("<weights>", "weights, by name, id or alias")
    .requiredOption("-p, --plates <record>", "a sequence, or one asset")
    .option("--frames <frames>", "only these frames of the sequence, for example 1001-1010")
    .option("-c, --channels <channels>", "channels that the network sees", "R,G,B")
    .option("-o, --output-channels <channels>", "names of the channels that are added", "matte.A")
    .option("--sequence <name>", "the new sequence's name (default: that of the plates and _inferred)")
    .option("--tile <pixels>", "work in tiles of this size", parseInteger("--tile", 16, 16_384))
    .option("--overlap <pixels>", "pixels that tiles share", parseInteger("--overlap", 0, 8192), 64)
    .option("--solution <record>", "the solution this is for")
    .option("-t, --to <folder>", "also write the frames to this folder");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc infer hero-roto --plates sh010 --output-channels roto.heroA,roto.heroB --sequence sh010_roto --tile 256 --to renders",
    )
    .action(
      async (weights: string, options: Options) =>
        await withWorkspace(options, (workspace, signal) => run(workspace, signal, weights, options)),
    );
}

async function run(workspace: Workspace, signal: AbortSignal, text: string, options: Options): Promise<void> {
  const weights = await resolveReference(workspace, text, ["weights"]);
  const plates = await findPlates(workspace, options);
  const sequenceName =
    options.sequence ??
    `${bodyOf((plates[0] as StoredRecord).record, "asset")?.sequenceName ?? options.plates}_inferred`;
  using progress = new Progress("infer", { silent: options.json });
  const assets = await infer(workspace, {
    weights,
    plates,
    inputChannels: split(options.channels),
    outputChannels: split(options.outputChannels),
    sequenceName,
    tiles: options.tile === undefined ? undefined : { size: options.tile, overlap: options.overlap },
    solution:
      options.solution === undefined
        ? targetsOf(weights.record, "createdFor")[0]
        : referenceOf(await resolveReference(workspace, options.solution, ["solution"])),
    signal,
    onProgress: ({ done, total }) => progress.update(done, total, "frames"),
  });
  progress[Symbol.dispose]();
  const files =
    options.to === undefined
      ? []
      : await checkout(
          workspace,
          [
            ...(
              await getRecords(
                workspace.records,
                assets.map((asset) => asset.reference.id),
              )
            ).values(),
          ],
          options.to,
          signal,
        );
  if (options.json === true)
    return printJson({
      sequence: sequenceName,
      assets: assets.map(({ reference, ...asset }) => ({ ...reference, ...asset })),
      files,
    });
  const created = assets.filter((asset) => asset.status === "created").length;
  console.log(
    `${created} frames of ${sequenceName} inferred, ${assets.length - created} known already${files.length === 0 ? "" : `; written to ${options.to}`}.`,
  );
}

async function findPlates(workspace: Workspace, options: Options): Promise<StoredRecord[]> {
  const wanted = options.frames === undefined ? undefined : parseFrames(options.frames);
  const frames = new Map<number | string, StoredRecord>();
  for await (const stored of findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "asset" },
      { field: "asset.sequenceName", op: "eq", value: options.plates },
    ],
  })) {
    const frame = bodyOf(stored.record, "asset")?.frameNumber;
    if (wanted !== undefined && (frame === undefined || !wanted.has(frame))) continue;
    const key = frame ?? stored.record.id;
    if (stored.position > (frames.get(key)?.position ?? -1)) frames.set(key, stored);
  }
  const plates =
    frames.size > 0
      ? [...frames.values()]
      : wanted === undefined
        ? [await resolveReference(workspace, options.plates, ["asset"])]
        : [];
  if (plates.length === 0)
    throw new RmtcError(
      "RMTC_NOT_FOUND",
      `The sequence ${options.plates} has none of the frames ${options.frames}.`,
      { subject: options.plates },
    );
  const number = (stored: StoredRecord): number => bodyOf(stored.record, "asset")?.frameNumber ?? 0;
  return plates.sort((a, b) => number(a) - number(b));
}

function split(text: string): string[] {
  return text.split(",").map((channel) => channel.trim());
}
