// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

// @boundaries-ignore benchmarks share the networks and harnesses of the packages
import { duelWithPyTorch } from "../packages/trainers/onnx/test/live/unet-duel.ts";
import { type Measurement, median } from "./measurement.ts";

/** Steps that are not counted: both sides build what they keep for later. */
const WARM_UP = 3;

/** Training step of a U-Net of 106,705 parameters, 8 crops of 128x128, against PyTorch, a step of each in turn. */
export async function measure(): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const threads of [1, 2]) {
    const steps = await duelWithPyTorch({
      widths: [16, 32, 64],
      shape: [8, 3, 128, 128],
      threads,
      steps: WARM_UP + 15,
    });
    const counted = steps.slice(WARM_UP);
    const ours = median(counted.map((step) => step.ours.milliseconds));
    const peer = median(counted.map((step) => step.theirs.milliseconds));
    measurements.push({
      bench: "training",
      case: `U-Net step, ${threads === 1 ? "1 thread" : `${threads} threads`} each`,
      unit: "ms",
      ours,
      peer,
      peerName: "PyTorch",
      ratio: ours / peer,
      ...(threads === 1 ? { budget: 1.6 } : {}),
      better: "lower",
    });
  }
  return measurements;
}
