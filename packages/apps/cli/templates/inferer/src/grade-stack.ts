// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setImmediate } from "node:timers/promises";
import {
  type CallOptions,
  type Inferable,
  type InferableCapabilities,
  type InferRequest,
  type InferResult,
  RmtcError,
  type TensorValue,
} from "@rmtc/contract";
import type { NamedLayout } from "@rmtc/spec";

/** Multiplications before the event loop gets a turn: some 5 ms. */
const stepsPerTurn = 4_000_000;

/** The parameters of a {@link GradeStack}, each [grades, channels]. */
export interface Grades {
  readonly grades: number;
  readonly channels: number;
  readonly gain: Float32Array;
  readonly offset: Float32Array;
}

/** Grades an image: each channel times a gain plus an offset, by one grade after the other. */
export class GradeStack implements Inferable {
  /** No pixel sees another, so tiles give what the whole image gives. One thread computes: calls take turns. */
  readonly capabilities: InferableCapabilities = { tiles: true, concurrency: 1 };
  readonly inputs: readonly NamedLayout[];
  readonly outputs: readonly NamedLayout[];
  readonly #parameters: Grades;
  readonly #onClose: () => void;
  #closed = false;

  constructor(parameters: Grades, onClose: () => void) {
    this.#parameters = parameters;
    this.#onClose = onClose;
    this.inputs = [imageLayout("input", parameters.channels)];
    this.outputs = [imageLayout("output", parameters.channels)];
  }

  async run(request: InferRequest, { signal }: CallOptions = {}): Promise<InferResult> {
    this.#check(signal);
    const { shape, data } = this.#input(request);
    const { grades, channels, gain, offset } = this.#parameters;
    // The copy is aligned, whatever place in its buffer the input starts at.
    const values = new Float32Array(Uint8Array.from(data).buffer);
    const plane = (shape[2] ?? 0) * (shape[3] ?? 0);
    const band = Math.ceil(stepsPerTurn / Math.max(1, grades));
    for (let start = 0; start < values.length; start += plane) {
      const channel = (start / plane) % channels;
      for (let from = start; from < start + plane; from += band) {
        const pixels = values.subarray(from, Math.min(from + band, start + plane));
        for (let grade = 0; grade < grades; grade++) {
          const place = grade * channels + channel;
          const [factor = 1, summand = 0] = [gain[place], offset[place]];
          for (let at = 0; at < pixels.length; at++) pixels[at] = factor * (pixels[at] ?? 0) + summand;
        }
        await setImmediate();
        this.#check(signal);
      }
    }
    if (request.outputs?.length === 0) return { outputs: {} };
    return { outputs: { output: { dtype: "F32", shape, data: new Uint8Array(values.buffer) } } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#onClose();
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new RmtcError("RMTC_STATE_INVALID", "The weights were closed; open them again.");
  }

  #input({ inputs, outputs, tiles }: InferRequest): TensorValue {
    const input = inputs.input;
    const { channels } = this.#parameters;
    if (input === undefined || Object.keys(inputs).length > 1) throw misfit('The one input is "input".');
    const { dtype, shape, data } = input;
    const sized = shape.length === 4 && shape[1] === channels && shape.every((size) => size >= 1);
    const bytes = shape.reduce((product, size) => product * size, 4);
    if (dtype !== "F32" || !sized || data.byteLength !== bytes) {
      throw misfit(
        `"input" is ${dtype} [${shape}] in ${data.byteLength} bytes, not F32 [n, ${channels}, h, w].`,
      );
    }
    const unknown = outputs?.findIndex((name) => name !== "output") ?? -1;
    if (unknown >= 0) throw wrong(`/outputs/${unknown}`, `There is no output "${outputs?.[unknown]}".`);
    if (tiles !== undefined && !(tiles.size >= 1 && tiles.overlap >= 0 && tiles.overlap < tiles.size)) {
      throw wrong("/tiles", "A tile is larger than its overlap.");
    }
    return input;
  }
}

function imageLayout(name: string, channels: number): NamedLayout {
  return { name, layout: { dtype: "F32", shape: [0, channels, 0, 0], axes: ["n", "c", "h", "w"] } };
}

function misfit(problem: string): RmtcError {
  return new RmtcError("RMTC_LAYOUT_MISMATCH", problem, { subject: "input" });
}

function wrong(pointer: string, problem: string): RmtcError {
  return new RmtcError("RMTC_OPTION_INVALID", problem, { pointer });
}
