// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ExrImage, exrPartFromTensor, readExr, readImage, writeExr } from "@rmtc/image";
import { tensorOf } from "@rmtc/tensor";
import { type Measurement, median } from "./measurement.ts";

const width = 1920;
const height = 1080;
const megapixels = (width * height) / 1e6;
const repetitions = 9;

/** Python that has OpenImageIO and NumPy; Debian's python3-openimageio belongs to Debian's own. */
const python = process.env.RMTC_PYTHON ?? "/usr/bin/python3";

/**
 * Reading and writing an RGB half-float ZIP plate of 1920×1080, on one thread and file included, against
 * OpenImageIO on one thread. Without OpenImageIO only our own figures come out.
 */
export async function measure(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-bench-"));
  const peer = await OpenImageIo.start();
  try {
    const [source, ours, theirs] = ["plate.exr", "ours.exr", "theirs.exr"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const plate: ExrImage = { parts: [await exrPartFromTensor(noisyPlate())] };
    const measurements: Measurement[] = [];
    for (const compression of ["zip", "zips", "none"] as const) {
      await writeExr(source, plate, { compression });
      const label = `half RGB ${compression.toUpperCase()}, 1 thread`;
      const budget = compression === "zip" ? 0.9 : undefined;
      const write = () => writeExr(ours, plate, { compression, threads: 1 });
      const reads = await interleaved(
        () => elapsed(() => readExr(source, { threads: 1 })),
        async () => await peer?.run("read", source),
      );
      const writes = await interleaved(
        () => elapsed(write),
        async () => await peer?.run("write", theirs, compression),
      );
      measurements.push(speed(`read ${label}`, reads, budget), speed(`write ${label}`, writes, budget));
      if (peer !== undefined && compression === "zip") measurements.push(await sizes(label, ours, theirs));
    }
    await writeExr(source, plate);
    const tensors = await interleaved(
      () => elapsed(() => readImage(source)),
      async () => undefined,
    );
    measurements.push(speed("read half RGB ZIP to HWC, zlib on the pool", tensors, undefined));
    return measurements;
  } finally {
    peer?.stop();
    await rm(folder, { recursive: true });
  }
}

/** A gradient under Gaussian noise, which compresses as a rendered plate does. */
function noisyPlate(): ReturnType<typeof tensorOf> {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const data = new Float16Array(width * height * 3);
  for (let at = 0; at < data.length; at += 1) {
    const pixel = Math.floor(at / 3);
    const gradient = [pixel % width, pixel / width, width - (pixel % width)][at % 3] as number;
    const noise = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    data[at] = gradient / width + 0.02 * noise;
  }
  const shape = [height, width, 3];
  return tensorOf("F16", shape, data, {
    dtype: "F16",
    shape: [...shape],
    axes: ["h", "w", "c"],
    channels: ["R", "G", "B"],
  });
}

interface Pair {
  readonly ours: number;
  readonly peer: number | undefined;
}

async function interleaved(
  ours: () => Promise<number>,
  peer: () => Promise<number | undefined>,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    const pair = { ours: await ours(), peer: await peer() };
    // The first one warms up.
    if (repetition > 0) pairs.push(pair);
  }
  return pairs;
}

function speed(name: string, pairs: readonly Pair[], budget: number | undefined): Measurement {
  const ours = median(pairs.map((pair) => megapixels / (pair.ours / 1000)));
  const peers = pairs.map((pair) => (pair.peer === undefined ? undefined : megapixels / (pair.peer / 1000)));
  const known = peers.filter((value) => value !== undefined);
  const measurement = { bench: "exr", case: name, unit: "MP/s", ours, better: "higher" } as const;
  if (known.length < pairs.length) return measurement;
  const ratio = median(pairs.map((pair) => (pair.peer ?? Number.NaN) / pair.ours));
  return { ...measurement, peer: median(known), peerName: "OpenImageIO", ratio, budget };
}

async function sizes(label: string, ours: string, theirs: string): Promise<Measurement> {
  const [own, peer] = [(await stat(ours)).size / 1e6, (await stat(theirs)).size / 1e6];
  return {
    bench: "exr",
    case: `size of ${label}`,
    unit: "MB",
    ours: own,
    peer,
    peerName: "OpenImageIO",
    ratio: own / peer,
    budget: 1.05,
    better: "lower",
  };
}

/** OpenImageIO in a process of its own that times itself, so that starting it counts for nothing. */
class OpenImageIo {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: NodeJS.AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it, or gives `undefined` where it is not installed. */
  static async start(): Promise<OpenImageIo | undefined> {
    const script = fileURLToPath(new URL("exr_peer.py", import.meta.url));
    const child = spawn(python, [script], { stdio: ["pipe", "pipe", "pipe"] });
    child.on("error", () => undefined);
    const peer = new OpenImageIo(child);
    const [first] = await Promise.race([
      peer.#answers.next().then(({ value }) => [value]),
      once(child, "close").then(() => [undefined]),
      once(child, "error").then(() => [undefined]),
    ]);
    return first === "ready" ? peer : undefined;
  }

  /** Reads or writes a file and gives the milliseconds it took. */
  async run(...command: readonly string[]): Promise<number> {
    this.#process.stdin.write(`${command.join(" ")}\n`);
    return Number((await this.#answers.next()).value);
  }

  stop(): void {
    this.#process.stdin.end();
  }
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
