// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type StoredRecord } from "@rmtc/contract";
import {
  bodyOf,
  type DatasetItemRequest,
  findAll,
  publishDataset,
  referenceOf,
  resolveReference,
  type Workspace,
} from "@rmtc/core";
import type { ItemSlot } from "@rmtc/spec";
import type { Command } from "commander";
import { addCommonOptions, collect } from "../../add-common-options.ts";
import { parseFrames } from "../../parse-number.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

interface Options extends WorkspaceOptions {
  readonly sequence: string;
  readonly input: readonly string[];
  readonly target: readonly string[];
  readonly frames: string;
  readonly validation?: string;
  readonly datasetVersion?: string;
  readonly solution?: string;
}

interface SlotRequest extends ItemSlot {
  readonly sequence: string;
}

/** `rmtc publish dataset`. */
export function registerDataset(publish: Command): void {
  const command = publish
    .command("dataset")
    .summary("an immutable set of plates and mattes")
    .description(
      "Publishes a dataset of frames. Each slot reads some channels of a frame; a matte can lie in the plate's own file or in another sequence.",
    )
    .argument("<name>", "its name")
    .requiredOption("--sequence <name>", "the sequence of the plates")
    .requiredOption("--frames <frames>", "frames to learn from, for example 1003,1008-1010")
    .option("--validation <frames>", "frames to measure, never learnt from")
    .requiredOption(
      "-i, --input <slot:channels>",
      "what the network sees, for example plate:R,G,B (repeatable)",
      collect,
    )
    .requiredOption(
      "-t, --target <slot:channels[@sequence]>",
      "what it is to make, for example matte:A@sh010_mattes (repeatable)",
      collect,
    )
    .option("--dataset-version <version>", "its version")
    .option("--solution <record>", "the solution this is for");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc publish dataset hero-mattes --sequence sh010 --frames 1003,1008,1013,1019 --validation 1026 --input plate:R,G,B --target matte:heroA.A,heroB.A",
    )
    .action(async (name: string, options: Options) => {
      await withWorkspace(options, async (workspace) => {
        const reference = await run(workspace, name, options);
        reportPublished("dataset", name, reference, options.json);
      });
    });
}

async function run(
  workspace: Workspace,
  name: string,
  options: Options,
): Promise<Awaited<ReturnType<typeof publishDataset>>> {
  const slots = [
    ...options.input.map((text) => parseSlot(text, "input", options.sequence)),
    ...options.target.map((text) => parseSlot(text, "target", options.sequence)),
  ];
  const sequences = new Map<string, Map<number, StoredRecord>>();
  for (const { sequence } of slots)
    if (!sequences.has(sequence)) sequences.set(sequence, await readSequence(workspace, sequence));
  const learn = parseFrames(options.frames);
  const measure = options.validation === undefined ? new Set<number>() : parseFrames(options.validation);
  const both = [...measure].filter((frame) => learn.has(frame));
  if (both.length > 0) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `Frame ${both.join(", ")} is to be learnt from and measured. Name it once.`,
    );
  }
  const items = [...learn, ...measure]
    .sort((a, b) => a - b)
    .map(
      (frame): DatasetItemRequest => ({
        key: `${options.sequence}.${frame}`,
        split: learn.has(frame) ? "train" : "validation",
        slots: Object.fromEntries(slots.map((slot) => [slot.name, frameOf(sequences, slot.sequence, frame)])),
      }),
    );
  const solution =
    options.solution === undefined
      ? undefined
      : referenceOf(await resolveReference(workspace, options.solution, ["solution"]));
  return await publishDataset(workspace, {
    name,
    version: options.datasetVersion,
    slots: slots.map(({ sequence: _, ...slot }) => slot),
    items,
    solution,
  });
}

function parseSlot(text: string, role: ItemSlot["role"], sequence: string): SlotRequest {
  const match = /^([A-Za-z][A-Za-z0-9._-]*):([^@]+)(?:@(.+))?$/.exec(text);
  if (match === null) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `"${text}" is no slot such as plate:R,G,B or matte:A@sh010_mattes.`,
      { subject: text },
    );
  }
  const [, name = "", channels = "", other] = match;
  return {
    name,
    role,
    channels: channels.split(",").map((channel) => channel.trim()),
    sequence: other ?? sequence,
  };
}

/** The newest asset of each frame of a sequence. */
async function readSequence(workspace: Workspace, sequence: string): Promise<Map<number, StoredRecord>> {
  const frames = new Map<number, StoredRecord>();
  for await (const stored of findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "asset" },
      { field: "asset.sequenceName", op: "eq", value: sequence },
    ],
  })) {
    const frame = bodyOf(stored.record, "asset")?.frameNumber;
    if (frame !== undefined && stored.position > (frames.get(frame)?.position ?? -1))
      frames.set(frame, stored);
  }
  if (frames.size > 0) return frames;
  throw new RmtcError(
    "RMTC_NOT_FOUND",
    `No frames of a sequence "${sequence}" in this workspace. Ingest them first, or look with \`rmtc find kind=asset\`.`,
    { subject: sequence },
  );
}

function frameOf(
  sequences: ReadonlyMap<string, ReadonlyMap<number, StoredRecord>>,
  sequence: string,
  frame: number,
): StoredRecord {
  const stored = sequences.get(sequence)?.get(frame);
  if (stored !== undefined) return stored;
  throw new RmtcError("RMTC_NOT_FOUND", `The sequence ${sequence} has no frame ${frame} in this workspace.`, {
    subject: sequence,
  });
}
