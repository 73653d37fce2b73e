// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import type { TileOptions } from "@rmtc/contract";
import { OnnxInferer, onnxInfererOptions } from "@rmtc/inferer-onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { randomPixels, saveModel } from "../packages/inferers/onnx/test/networks.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { buildNetwork } from "../packages/trainers/onnx/src/build-network.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { initializeParameters } from "../packages/trainers/onnx/src/initialize-parameters.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { networkToOnnx } from "../packages/trainers/onnx/src/weights-file.ts";
// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { Xoshiro128 } from "../packages/trainers/onnx/src/xoshiro128.ts";
import { type Measurement, median } from "./measurement.ts";

const ROWS = 720;
const COLUMNS = 1280;
const REPETITIONS = 9;

/**
 * A plate of 1280x720 through the U-Net that the trainer builds unless told otherwise, against `run` of ONNX Runtime
 * on the same tiles, which lie ready in memory.
 */
export async function measure(): Promise<readonly Measurement[]> {
  const threads = availableParallelism();
  const unet = buildNetwork({ name: "unet", options: {} });
  const parameters = initializeParameters(unet.parameters, Xoshiro128.fromSeed(1));
  const path = await saveModel(networkToOnnx(unet, parameters));
  try {
    await using inferer = new OnnxInferer(
      onnxInfererOptions.parse({ processes: 1, threadsPerProcess: threads }),
    );
    await using network = await inferer.open({ path, mediaType: "application/vnd.onnx" });
    const bare = await InferenceSession.create(path, { intraOpNumThreads: threads, interOpNumThreads: 1 });
    const input = randomPixels([1, 3, ROWS, COLUMNS], 1);
    const measurements: Measurement[] = [];
    const tilings = [{ size: 512, overlap: 56 }, { size: 256, overlap: 32 }, undefined];
    for (const tiles of tilings) {
      const size = { rows: tiles?.size ?? ROWS, columns: tiles?.size ?? COLUMNS };
      const count = tilesAlong(ROWS, tiles) * tilesAlong(COLUMNS, tiles);
      const ready = Array.from({ length: count }, (_, index) => {
        const shape = [1, 3, size.rows, size.columns];
        return new Tensor("float32", new Float32Array(randomPixels(shape, index).data.buffer), shape);
      });
      const ours: number[] = [];
      const peer: number[] = [];
      for (let repetition = 0; repetition <= REPETITIONS; repetition += 1) {
        const oursMilliseconds = await timed(() => network.run({ inputs: { input }, tiles }));
        const peerMilliseconds = await timed(async () => {
          for (const tile of ready) await bare.run({ input: tile });
        });
        // The first of both builds what is kept for later.
        if (repetition > 0) {
          ours.push(oursMilliseconds);
          peer.push(peerMilliseconds);
        }
      }
      measurements.push({
        bench: "inference",
        case: `1280x720, ${tiles === undefined ? "whole" : `${count} tiles of ${tiles.size}`}, ${threads} threads each`,
        unit: "ms",
        ours: median(ours),
        peer: median(peer),
        peerName: "onnxruntime",
        ratio: median(ours.map((milliseconds, index) => milliseconds / (peer[index] ?? Number.NaN))),
        budget: 1.05,
        better: "lower",
      });
    }
    await bare.release();
    return measurements;
  } finally {
    await rm(dirname(path), { recursive: true });
  }
}

/** Tiles that cover a length: the same that the inferer cuts. */
function tilesAlong(length: number, tiles: TileOptions | undefined): number {
  if (tiles === undefined || tiles.size >= length) return 1;
  return Math.ceil((length - tiles.size) / (tiles.size - tiles.overlap)) + 1;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
