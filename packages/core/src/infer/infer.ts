// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, makeRecord, recordDigest } from "@rmtc/attest";
import { type Inferable, RmtcError, type StoredRecord, type TileOptions } from "@rmtc/contract";
import { addChannels, writeExr } from "@rmtc/image";
import type { AssetBody, File, InferenceBody, RmtcRecord } from "@rmtc/spec";
import {
  type ActivityContext,
  activityLinks,
  outputLinks,
  resolveContext,
} from "../activity/activity-links.ts";
import { makeSeal } from "../activity/seal-activity.ts";
import { bodyOf } from "../body-of.ts";
import type { ExtensionLocation } from "../config/workspace-config.ts";
import type { OpenedExtension } from "../extension-host.ts";
import { findAll } from "../get-records.ts";
import { readPlate, requireFinite } from "../image/read-plate.ts";
import { putFiles } from "../publish/put-files.ts";
import { putRecords } from "../put-records.ts";
import { linkTo, type RecordReference, referenceOf } from "../record-link.ts";
import { checkRights } from "../rights/check-rights.ts";
import { TemporaryFolder } from "../temporary-folder.ts";
import type { Workspace } from "../workspace.ts";
import { matteFromOutput, networkInput } from "./network-tensors.ts";

/** Frames to infer. */
export interface InferRequest {
  /** Weights in a format that the inferer opens, or weights that have a variant in one. */
  readonly weights: StoredRecord;
  /** The plates, in the order they are worked through. */
  readonly plates: readonly StoredRecord[];
  /** Channels of the plates that the network sees, in order. No other channel reaches it. */
  readonly inputChannels: readonly string[];
  /** Names of the channels that are added, one for each channel of the network's output. */
  readonly outputChannels: readonly string[];
  /** The sequence that the new frames belong to. */
  readonly sequenceName: string;
  /** Whole frames unless given. */
  readonly tiles?: TileOptions | undefined;
  readonly inferer?: ExtensionLocation | undefined;
  readonly solution?: RecordReference | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** One inferred frame. */
export interface InferredAsset {
  readonly reference: RecordReference;
  readonly plate: RecordReference;
  readonly frameNumber?: number | undefined;
  /** `known` for a frame that was inferred before with the same weights and parameters. */
  readonly status: "created" | "known";
}

/**
 * Runs weights on plates and publishes each result as a new EXR: the plate's channels and attributes, and the
 * inferred channels beside them.
 *
 * Each frame is an inference of its own, put whole with its output and its seal; killed and called again, the
 * frames that are there already are not made again.
 *
 * @throws RMTC_RIGHTS_DENIED when the licences of weights or plates do not grant `infer`.
 * @throws RMTC_LAYOUT_MISMATCH when a plate lacks a channel or the network has another number of channels.
 */
export async function infer(workspace: Workspace, request: InferRequest): Promise<InferredAsset[]> {
  const { plates, signal } = request;
  await using opened = new AsyncDisposableStack();
  const inferer = await workspace.openInferer(request.inferer);
  opened.use(inferer.instance);
  const weights = await findRunnable(workspace, request.weights, inferer.instance.capabilities.mediaTypes);
  const licenses = new Map<string, readonly RecordReference[]>();
  const ofWeights = [...new Set([request.weights.record.id, weights.record.id])];
  await checkRights(workspace, "infer", [...ofWeights, ...plates.map((plate) => plate.record.id)]);
  for (const plate of plates) {
    licenses.set(plate.record.id, await checkRights(workspace, "infer", [...ofWeights, plate.record.id]));
  }
  const file = weights.record.files?.[0] as File;
  const path = await workspace.blobs.localPath(file.digest, { signal });
  const inferable = await inferer.instance.open({ path, mediaType: file.mediaType }, { signal });
  opened.use(inferable);
  const context = await resolveContext(workspace, request.solution, [inferer, ...inferer.runsOn]);
  const folder = opened.use(await TemporaryFolder.create(workspace)).path;
  const results: InferredAsset[] = [];
  for (const plate of plates) {
    const frame = {
      workspace,
      request,
      plate,
      weights,
      inferer,
      inferable,
      folder,
      context,
      licenses: licenses.get(plate.record.id) ?? [],
    };
    results.push((await findInferred(frame)) ?? (await inferFrame(frame)));
    request.onProgress?.({ done: results.length, total: plates.length });
  }
  return results;
}

interface Frame {
  readonly workspace: Workspace;
  readonly request: InferRequest;
  readonly plate: StoredRecord;
  readonly weights: StoredRecord;
  readonly inferer: OpenedExtension<"inferer">;
  readonly inferable: Inferable;
  readonly folder: string;
  readonly context: ActivityContext;
  readonly licenses: readonly RecordReference[];
}

async function inferFrame(frame: Frame): Promise<InferredAsset> {
  const { workspace, request, plate, weights, inferable, folder, context, licenses } = frame;
  const { signal, inputChannels, outputChannels } = request;
  const source = plate.record.files?.[0];
  if (source === undefined) {
    throw new RmtcError("RMTC_NOT_FOUND", `Asset ${plate.record.id} has no file.`, {
      subject: plate.record.id,
    });
  }
  const { image, layouts } = await readPlate(
    await workspace.blobs.localPath(source.digest, { signal }),
    source.mediaType,
    { signal },
  );
  await requireFinite(source.path, image, { signal });
  const [input] = inferable.inputs;
  const [output] = inferable.outputs;
  if (input === undefined || output === undefined || inferable.inputs.length > 1) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `The network must have one input and an output; it has ${inferable.inputs.length} and ${inferable.outputs.length}.`,
    );
  }
  const index = image.parts.findIndex((part) => inputChannels.every((name) => part.channels.has(name)));
  const part = image.parts[index];
  if (part === undefined) {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `${source.path} has no part with the channels ${inputChannels.join(", ")}.`,
      {
        subject: plate.record.id,
      },
    );
  }
  const { outputs } = await inferable.run(
    {
      inputs: { [input.name]: await networkInput(part, inputChannels, signal) },
      outputs: [output.name],
      tiles: request.tiles,
    },
    { signal },
  );
  const matte = await matteFromOutput(outputs[output.name], outputChannels.length, output.name, signal);
  const parts = image.parts.with(index, await addChannels(part, outputChannels, matte, { signal }));
  const body = bodyOf(plate.record, "asset");
  const name = `${request.sequenceName}${body?.frameNumber === undefined ? "" : `.${String(body.frameNumber).padStart(4, "0")}`}.exr`;
  const path = join(folder, name);
  await writeExr(path, { parts }, { signal });
  const [file] = await putFiles(workspace, [path], { signal });
  await rm(path);
  if (file === undefined) throw new RangeError(`The blob store gave no result for ${path}.`);
  const { layouts: written } = await readPlate(
    await workspace.blobs.localPath(file.digest, { signal }),
    file.mediaType,
    { signal },
  );

  const inference = makeRecord({
    kind: "inference",
    name: `infer ${name}`,
    links: [
      linkTo("used", referenceOf(weights)),
      linkTo("used", referenceOf(plate)),
      ...activityLinks(context),
    ],
    body: { ...inferenceBody(frame) },
  });
  const activity = { id: inference.id, digest: recordDigest(inference) };
  const assetBody: AssetBody = {
    sequenceName: request.sequenceName,
    ...(body?.frameNumber === undefined ? {} : { frameNumber: body.frameNumber }),
    ...(body?.framesPerSecond === undefined ? {} : { framesPerSecond: body.framesPerSecond }),
    ...(body?.subjectCoverage === undefined ? {} : { subjectCoverage: body.subjectCoverage }),
    layouts: (written.length === 0 ? layouts : written).map((layout) => ({ ...layout, path: file.path })),
  };
  const asset = makeRecord({
    kind: "asset",
    name,
    links: outputLinks(activity, licenses, context),
    files: [file],
    body: { ...assetBody },
  });
  const reference = { id: asset.id, digest: recordDigest(asset) };
  const records: RmtcRecord[] = [
    ...context.made,
    inference,
    asset,
    makeSeal(activity, [reference], { state: "succeeded", endedAt: new Date().toISOString() }),
  ];
  await putRecords(workspace, records);
  return { reference, plate: referenceOf(plate), frameNumber: body?.frameNumber, status: "created" };
}

function inferenceBody({ request, inferer }: Frame): InferenceBody {
  const { inputChannels, outputChannels, sequenceName, tiles } = request;
  return {
    inferer: { name: inferer.name, version: inferer.version, options: { ...inferer.options } },
    inputsClosed: true,
    parameters: {
      outputChannels: [...outputChannels],
      sequenceName,
      ...(tiles === undefined ? {} : { tileSizePixels: tiles.size, tileOverlapPixels: tiles.overlap }),
    },
    slots: [{ link: 1, slot: "input", channels: [...inputChannels] }],
  };
}

/** Finds what an equal inference made before. */
async function findInferred(frame: Frame): Promise<InferredAsset | undefined> {
  const { workspace, plate, weights } = frame;
  const wanted = canonicalJson(inferenceBody(frame));
  const inferences = findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "inference" },
      { field: "link.used", op: "eq", value: plate.record.id },
      { field: "link.used", op: "eq", value: weights.record.id },
    ],
  });
  for await (const { record } of inferences) {
    if (record.body === undefined || canonicalJson(record.body) !== wanted) continue;
    const outputs = await workspace.records.find({
      where: [
        { field: "kind", op: "eq", value: "asset" },
        { field: "link.generatedBy", op: "eq", value: record.id },
      ],
      limit: 1,
    });
    const [asset] = outputs.records;
    if (asset === undefined) continue;
    return {
      reference: referenceOf(asset),
      plate: referenceOf(plate),
      frameNumber: bodyOf(asset.record, "asset")?.frameNumber,
      status: "known",
    };
  }
  return undefined;
}

/** The weights themselves if the inferer opens their format, else a variant of them that it opens. */
async function findRunnable(
  workspace: Workspace,
  weights: StoredRecord,
  mediaTypes: readonly string[],
): Promise<StoredRecord> {
  const fits = (stored: StoredRecord): boolean =>
    mediaTypes.includes(stored.record.files?.[0]?.mediaType ?? "");
  if (fits(weights)) return weights;
  const variants = findAll(workspace.records, {
    where: [
      { field: "kind", op: "eq", value: "weights" },
      { field: "link.variantOf", op: "eq", value: weights.record.id },
    ],
  });
  for await (const variant of variants) if (fits(variant)) return variant;
  throw new RmtcError(
    "RMTC_FORMAT_UNSUPPORTED",
    `Weights ${weights.record.name ?? weights.record.id} are ${weights.record.files?.[0]?.mediaType ?? "without a file"} and have no variant that the inferer opens (${mediaTypes.join(", ")}).`,
    { subject: weights.record.id },
  );
}
