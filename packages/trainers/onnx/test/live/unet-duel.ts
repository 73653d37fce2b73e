// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { adamScalars, buildTrainingStep } from "@rmtc/onnx";
import { buildNetwork } from "../../src/build-network.ts";
import { initializeParameters } from "../../src/initialize-parameters.ts";
import { RuntimeSession } from "../../src/runtime-session.ts";
import { Xoshiro128 } from "../../src/xoshiro128.ts";

/** Python that has PyTorch; Debian's package python3-torch belongs to Debian's own. */
const PYTHON = process.env.RMTC_PYTHON ?? "/usr/bin/python3";

/** What a duel is about. */
export interface UnetDuelOptions {
  readonly widths: readonly number[];
  /** `[n, 3, h, w]` */
  readonly shape: readonly [number, number, number, number];
  readonly threads: number;
  readonly steps: number;
}

/** One training step of each side. */
export interface DuelStep {
  readonly ours: { readonly loss: number; readonly milliseconds: number };
  readonly theirs: { readonly loss: number; readonly milliseconds: number };
}

const LEARNING_RATE = 1e-3;

/** Trains one U-Net on one batch with onnxruntime and with PyTorch from the same start, a step of each in turn. */
export async function duelWithPyTorch(options: UnetDuelOptions): Promise<readonly DuelStep[]> {
  const { shape, widths, threads } = options;
  const folder = await mkdtemp(join(tmpdir(), "rmtc-duel-"));
  try {
    const network = buildNetwork({ name: "unet", options: { widths } });
    const random = Xoshiro128.fromSeed(1);
    const parameters = initializeParameters(network.parameters, random);
    const [n, channels, height, width] = shape;
    const x = Float32Array.from({ length: n * channels * height * width }, () => random.nextUnit());
    const y = Float32Array.from({ length: n * height * width }, () => (random.nextUnit() > 0.5 ? 1 : 0));
    const paths: Record<string, string> = {};
    for (const [name, values] of Object.entries({ parameters, x, y })) {
      paths[name] = join(folder, name);
      await writeFile(paths[name], values);
    }
    const config = {
      widths,
      encoderConvolutions: 2,
      decoderConvolutions: 1,
      threads,
      learningRate: LEARNING_RATE,
      shape,
    };
    await using pyTorch = new PyTorch({ ...config, ...paths });
    const step = await ourStep(network, { shape, x, y, parameters, threads });
    const results: DuelStep[] = [];
    for (let index = 0; index < options.steps; index++)
      results.push({ ours: await step(), theirs: await pyTorch.step() });
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ourStep(
  network: ReturnType<typeof buildNetwork>,
  given: Pick<UnetDuelOptions, "shape" | "threads"> &
    Readonly<Record<"x" | "y" | "parameters", Float32Array>>,
): Promise<() => Promise<DuelStep["ours"]>> {
  const [n, , height, width] = given.shape;
  const target = [n, 1, height, width];
  const { model } = buildTrainingStep({
    forward: network.model,
    parameters: network.parameters.map((spec) => spec.name),
    inputShapes: { input: given.shape },
    targetShapes: { matte: target },
    losses: [{ name: "bce", loss: "bce", output: "matte", target: "matte", weight: 1 }],
  });
  const session = await RuntimeSession.open(model, given.threads);
  const size = [given.parameters.length];
  const zeros = new Float32Array(given.parameters.length);
  let parameters: Float32Array = given.parameters;
  let firstMoment: Float32Array = zeros;
  let secondMoment: Float32Array = zeros;
  let step = 0;
  return async () => {
    step += 1;
    const started = performance.now();
    const { stepSize, secondScale } = adamScalars(step, LEARNING_RATE);
    const results = await session.run({
      input: { shape: given.shape, data: given.x },
      "target.matte": { shape: target, data: given.y },
      parameters: { shape: size, data: parameters },
      firstMoment: { shape: size, data: firstMoment },
      secondMoment: { shape: size, data: secondMoment },
      stepSize: { shape: [], data: Float32Array.of(stepSize) },
      secondScale: { shape: [], data: Float32Array.of(secondScale) },
    });
    const milliseconds = performance.now() - started;
    parameters = results.get("nextParameters") ?? zeros;
    firstMoment = results.get("nextFirstMoment") ?? zeros;
    secondMoment = results.get("nextSecondMoment") ?? zeros;
    return { loss: results.get("loss")?.[0] ?? Number.NaN, milliseconds };
  };
}

/** PyTorch in a child process that makes one step at a time. */
class PyTorch implements AsyncDisposable {
  readonly #child;
  readonly #answers: AsyncIterator<string>;

  constructor(config: object) {
    const script = fileURLToPath(new URL("fixtures/unet_training.py", import.meta.url));
    this.#child = spawn(PYTHON, [script], { stdio: ["pipe", "pipe", "inherit"] });
    // A Python that is missing shows as an end of its answers.
    this.#child.on("error", () => undefined);
    this.#child.stdin.on("error", () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stdin.write(`${JSON.stringify(config)}\n`);
  }

  async step(): Promise<DuelStep["theirs"]> {
    this.#child.stdin.write("step\n");
    const answer = await this.#answers.next();
    if (answer.done === true)
      throw new Error("PyTorch ended early: apt-get install python3-torch, or set RMTC_PYTHON.");
    return JSON.parse(answer.value) as DuelStep["theirs"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin.end();
    await ended;
  }
}
