// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type OnnxModel, onnxToBytes } from "@rmtc/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** A tensor of 32-bit floats. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model in onnxruntime. Each run blocks the process's event loop until it is done. */
export class RuntimeSession implements AsyncDisposable {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * Loads a model. Results do not depend on `threads`, only the time does: onnxruntime divides work among threads
   * by output elements, never within a sum.
   */
  static async open(model: OnnxModel, threads: number): Promise<RuntimeSession> {
    const session = await InferenceSession.create(onnxToBytes(model), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      // Threads that wait by spinning cost more than they save as soon as anything else runs on the machine.
      extra: { session: { use_deterministic_compute: "1", intra_op: { allow_spinning: "0" } } },
    });
    return new RuntimeSession(session);
  }

  /** Runs the model once. */
  async run(inputs: Readonly<Record<string, FloatTensor>>): Promise<ReadonlyMap<string, Float32Array>> {
    const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
      name,
      new Tensor("float32", data, shape),
    ]);
    const results = await this.#session.run(Object.fromEntries(feeds));
    return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}
