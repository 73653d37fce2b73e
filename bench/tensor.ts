// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  convertTensor,
  createSlotFile,
  openSafetensors,
  parseLayout,
  permuteAxes,
  type Tensor,
  type TensorData,
  tensorOf,
} from "@rmtc/tensor";
import { type Measurement, median } from "./measurement.ts";

const height = 1080;
const width = 1920;
const repetitions = 21;

/**
 * Conversions and permutations of an RGB plate of 1920×1080 as a caller sees them, result allocated, against a
 * copy of the result, allocated too; checking the layouts of 400 tensors, against parsing their JSON; and opening a
 * file of 1 GiB, beyond the system calls that read its header.
 */
export async function measure(): Promise<readonly Measurement[]> {
  const singles = plate(
    "F32",
    new Float32Array(height * width * 3).map((_, at) => ((at * 7919) % 1009) / 512),
  );
  const halves = convertTensor(singles, "F16");
  const planar = (tensor: Tensor): Tensor => permuteAxes(tensor, ["c", "h", "w"]);
  const interleaved = (tensor: Tensor): Tensor => permuteAxes(tensor, ["h", "w", "c"]);
  const [singlePlanes, halfPlanes] = [planar(singles), planar(halves)];
  const cases: readonly (readonly [name: string, work: () => Tensor, budget: number])[] = [
    ["HWC to CHW, F32", () => planar(singles), 3.5],
    ["CHW to HWC, F32", () => interleaved(singlePlanes), 3.5],
    ["HWC to CHW, F16", () => planar(halves), 3.5],
    ["CHW to HWC, F16", () => interleaved(halfPlanes), 3.5],
    ["F16 to F32", () => convertTensor(halves, "F32"), 7],
    ["F32 to F16", () => convertTensor(singles, "F16"), 7],
  ];
  const measurements = cases.map(([name, work, budget]) => againstCopy(name, work, budget));
  return [...measurements, checkLayouts(), await openLargeFile()];
}

function plate(dtype: "F32", data: Float32Array): Tensor {
  const shape = [height, width, 3];
  return tensorOf(dtype, shape, data, { dtype, shape: [...shape], axes: ["h", "w", "c"] });
}

function againstCopy(name: string, work: () => Tensor, budget: number): Measurement {
  const result: TensorData = work().data;
  const ours: number[] = [];
  const copies: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    ours.push(milliseconds(work));
    copies.push(milliseconds(() => result.slice()));
  }
  return {
    bench: "tensor",
    case: `${name}, 1920x1080 RGB`,
    unit: "ms",
    ours: median(ours),
    peer: median(copies),
    peerName: "copy of the result",
    ratio: median(ours.map((value, index) => value / (copies[index] ?? Number.NaN))),
    budget,
    better: "lower",
  };
}

/** The layouts of a network of 400 tensors: kernels, biases, and images at both ends. */
function checkLayouts(): Measurement {
  const text = JSON.stringify(
    Array.from({ length: 400 }, (_, index) => {
      if (index % 2 === 1) return { dtype: "F32", shape: [64], axes: ["o"] };
      if (index % 40 !== 0) return { dtype: "BF16", shape: [64, 64, 3, 3], axes: ["o", "i", "h", "w"] };
      const window = { minX: 0, minY: 0, maxX: width - 1, maxY: height - 1 };
      return {
        dtype: "F16",
        shape: [height, width, 4],
        axes: ["h", "w", "c"],
        channels: ["R", "G", "B", "A"],
        origin: "topLeft",
        alpha: "associated",
        displayWindow: window,
        dataWindow: window,
        colorInteropId: "lin_ap1_scene",
      };
    }),
  );
  const ours: number[] = [];
  const parses: number[] = [];
  for (let repetition = 0; repetition < 201; repetition += 1) {
    let layouts: readonly unknown[] = [];
    parses.push(
      milliseconds(() => {
        layouts = JSON.parse(text) as readonly unknown[];
      }),
    );
    ours.push(milliseconds(() => layouts.forEach(parseLayout)));
  }
  return {
    bench: "tensor",
    case: "check the layouts of 400 tensors",
    unit: "ms",
    ours: median(ours),
    peer: median(parses),
    peerName: "JSON.parse of them",
    ratio: median(ours.map((value, index) => value / (parses[index] ?? Number.NaN))),
    budget: 1,
    better: "lower",
  };
}

async function openLargeFile(): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-"));
  try {
    const path = join(folder, "large.safetensors");
    // A slot file is valid safetensors, and one of zeros takes no space on the disk.
    const specs = Array.from({ length: 256 }, (_, index) => ({
      name: `layer.${index}.weight`,
      dtype: "F32" as const,
      shape: [1024, 1024],
    }));
    await (await createSlotFile(path, specs)).close();
    const ours: number[] = [];
    for (let repetition = 0; repetition < 51; repetition += 1) {
      const bare = await elapsed(() => readHeaderBytes(path));
      ours.push((await elapsed(async () => (await openSafetensors(path)).close())) - bare);
    }
    return {
      bench: "tensor",
      case: "open 1 GiB of safetensors, beyond reading the header",
      unit: "ms",
      ours: median(ours),
      budget: 1,
      better: "lower",
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What nobody can do without: open, size, length, header, close. */
async function readHeaderBytes(path: string): Promise<void> {
  const handle = await open(path);
  await handle.stat();
  const length = new Uint8Array(8);
  await handle.read(length, 0, 8, 0);
  const header = new Uint8Array(Number(new DataView(length.buffer).getBigUint64(0, true)));
  await handle.read(header, 0, header.byteLength, 8);
  await handle.close();
}

function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
