// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson } from "@rmtc/attest";
import { type Architecture, RmtcError } from "@rmtc/contract";
import { openSafetensors, type SafetensorsFile, type Tensor, tensorOf, writeSafetensors } from "@rmtc/tensor";
import type { Network } from "./network.ts";
import { parameterTensors, readParameters } from "./parameter-tensors.ts";

/** Everything that a training's next step depends on. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** The sampler's state, as the strategy gave it with the last step. */
  readonly sampler: Readonly<Record<string, unknown>>;
  /** State of the random generator, four words of xoshiro128**. */
  readonly random: readonly number[];
  /** Digest of the training items' keys, in order. */
  readonly itemsDigest: string;
  /** 1 for each training item that a step has read, else 0. */
  readonly consumed: Uint8Array;
}

/** What `rmtc.checkpoint` of the file's metadata holds. */
interface CheckpointMetadata {
  readonly architecture: Architecture;
  readonly step: number;
  readonly sampler: Readonly<Record<string, unknown>>;
  readonly random: { readonly algorithm: "xoshiro128**"; readonly state: readonly number[] };
  readonly itemsDigest: string;
}

const METADATA_KEY = "rmtc.checkpoint";
const FIRST_MOMENT = "adam.firstMoment.";
const SECOND_MOMENT = "adam.secondMoment.";
const CONSUMED = "sampler.consumed";

/**
 * Writes a checkpoint as one safetensors file, whole and synced.
 *
 * The same state gives the same bytes: the file holds no id and no time.
 */
export async function writeCheckpoint(
  path: string,
  state: TrainingState,
  { architecture, parameters: specs }: Network,
): Promise<void> {
  const { step, sampler, random, itemsDigest, consumed } = state;
  const metadata: CheckpointMetadata = {
    architecture,
    step,
    sampler,
    random: { algorithm: "xoshiro128**", state: random },
    itemsDigest,
  };
  const shape = [consumed.length];
  const tensors: (readonly [string, Tensor])[] = [
    ...parameterTensors(specs, state.parameters),
    ...parameterTensors(specs, state.firstMoment, FIRST_MOMENT),
    ...parameterTensors(specs, state.secondMoment, SECOND_MOMENT),
    [CONSUMED, tensorOf("U8", shape, consumed, { dtype: "U8", shape, axes: ["n"] })],
  ];
  await writeSafetensors(path, tensors, { metadata: { [METADATA_KEY]: canonicalJson(metadata) } });
}

/**
 * Reads a checkpoint that fits an architecture.
 *
 * @throws RMTC_FORMAT_INVALID when the file is damaged or no checkpoint.
 * @throws RMTC_DIGEST_MISMATCH when it belongs to another architecture.
 */
export async function readCheckpoint(
  path: string,
  { architecture, parameters: specs }: Network,
): Promise<TrainingState> {
  await using file = await openSafetensors(path);
  const metadata = parseMetadata(path, file.metadata.get(METADATA_KEY));
  if (canonicalJson(metadata.architecture) !== canonicalJson(architecture)) {
    throw new RmtcError(
      "RMTC_DIGEST_MISMATCH",
      `The checkpoint ${path} belongs to the architecture ${canonicalJson(metadata.architecture)}; the job asks for ${canonicalJson(architecture)}.`,
      { subject: path },
    );
  }
  return {
    step: metadata.step,
    parameters: await readParameters(file, specs),
    firstMoment: await readParameters(file, specs, FIRST_MOMENT),
    secondMoment: await readParameters(file, specs, SECOND_MOMENT),
    sampler: metadata.sampler,
    random: metadata.random.state,
    itemsDigest: metadata.itemsDigest,
    consumed: await readConsumed(file),
  };
}

function parseMetadata(path: string, text: string | undefined): CheckpointMetadata {
  try {
    const value = JSON.parse(text ?? "") as CheckpointMetadata;
    const isSound =
      Number.isSafeInteger(value.step) &&
      value.step >= 0 &&
      typeof value.architecture.name === "string" &&
      typeof value.architecture.options === "object" &&
      typeof value.sampler === "object" &&
      typeof value.itemsDigest === "string" &&
      value.random.state.length === 4 &&
      value.random.state.every((word) => Number.isInteger(word));
    if (isSound) return value;
  } catch {}
  throw new RmtcError(
    "RMTC_FORMAT_INVALID",
    `${path} is no checkpoint: its metadata ${METADATA_KEY} is missing or damaged.`,
    { subject: path },
  );
}

async function readConsumed(file: SafetensorsFile): Promise<Uint8Array> {
  const { dtype, data } = await file.read(CONSUMED);
  if (dtype === "U8") return data as Uint8Array;
  throw new RmtcError("RMTC_FORMAT_INVALID", `${file.path} is no checkpoint: ${CONSUMED} is no U8.`, {
    subject: file.path,
  });
}
