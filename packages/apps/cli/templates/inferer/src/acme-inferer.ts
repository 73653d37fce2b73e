// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import {
  type CallOptions,
  type Inferable,
  type Inferer,
  type InfererCapabilities,
  type OpenWeightsRequest,
  RmtcError,
} from "@rmtc/contract";
import { parseSafetensors } from "@rmtc/tensor";
import { GradeStack } from "./grade-stack.ts";

const safetensors = "application/vnd.safetensors";

/** Opens stacks of grades: safetensors files with the F32 tensors `gain` and `offset`, both [grades, channels]. */
export class AcmeInferer implements Inferer {
  readonly name: string = "acme";
  readonly capabilities: InfererCapabilities = { mediaTypes: [safetensors] };
  readonly #opened: Set<GradeStack> = new Set();
  #closed = false;

  async open({ path, mediaType }: OpenWeightsRequest, { signal }: CallOptions = {}): Promise<Inferable> {
    this.#check(signal);
    if (!this.capabilities.mediaTypes.includes(mediaType)) {
      throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `${mediaType} is not opened here.`, { subject: path });
    }
    const { tensors } = parseSafetensors(await readFile(path));
    this.#check(signal);
    const [gain, offset] = [tensors.get("gain"), tensors.get("offset")];
    if (gain?.dtype !== "F32" || offset?.dtype !== "F32" || gain.shape.length !== 2) {
      throw new RmtcError(
        "RMTC_FORMAT_INVALID",
        `${path} lacks "gain" or "offset", F32 [grades, channels].`,
        {
          subject: path,
        },
      );
    }
    const [grades = 0, channels = 0] = gain.shape;
    if (String(offset.shape) !== String(gain.shape) || channels === 0) {
      throw new RmtcError(
        "RMTC_FORMAT_INVALID",
        `"gain" and "offset" of ${path} differ in shape, or are empty.`,
        {
          subject: path,
        },
      );
    }
    const stack = new GradeStack(
      { grades, channels, gain: gain.data as Float32Array, offset: offset.data as Float32Array },
      () => this.#opened.delete(stack),
    );
    this.#opened.add(stack);
    return stack;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const stack of this.#opened) await stack[Symbol.asyncDispose]();
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new RmtcError("RMTC_STATE_INVALID", "The inferer was closed; open another.");
  }
}
