// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetricPoint, TrainingEvent } from "@rmtc/contract";
import { exrPartFromTensor, readImage, writeExr, writePng } from "@rmtc/image";
import { tensorOf } from "@rmtc/tensor";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import extension, { exportOnnx, OnnxTrainer } from "../src/index.ts";
import { childProcesses } from "./child-processes.ts";
import { outcomeOf, plan, TinyTraining, train } from "./tiny-training.ts";

let tiny: TinyTraining;
beforeAll(async () => {
  tiny = await TinyTraining.create();
});
afterAll(() => tiny[Symbol.asyncDispose]());

const pointsOf = (events: readonly TrainingEvent[], key: string): readonly MetricPoint[] =>
  events.flatMap((event) =>
    event.type === "metrics" ? event.points.filter((point) => point.key === key) : [],
  );

function weightsOf(events: readonly TrainingEvent[]): Extract<TrainingEvent, { readonly type: "weights" }> {
  const last = events.at(-1);
  if (last?.type !== "weights") throw new Error("The last event is no weights.");
  return last;
}

describe("OnnxTrainer", () => {
  it("reports the start, metrics, checkpoints and at last the weights", async () => {
    const events = await train(await tiny.job());
    const shown = events.map((event) =>
      event.type === "checkpoint" ? `checkpoint ${event.step}` : event.type,
    );
    expect(shown[0]).toBe("started");
    expect(shown.at(-1)).toBe("weights");
    expect(shown.filter((type) => type.startsWith("checkpoint"))).toEqual([
      "checkpoint 4",
      "checkpoint 8",
      "checkpoint 12",
    ]);
    expect(pointsOf(events, "loss").map((point) => point.step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(pointsOf(events, "bce").map((point) => point.value)).toEqual(
      pointsOf(events, "loss").map((point) => point.value),
    );
    expect(pointsOf(events, "validation.loss").map((point) => point.step)).toEqual([6, 12]);
  });

  it("learns a small problem, its ONNX variant solves it, and another training starts from there", async () => {
    const events = await train(
      await tiny.job({ steps: 250, checkpointEverySteps: 250, validateEverySteps: 250 }),
    );
    expect(pointsOf(events, "loss").at(-1)?.value).toBeLessThan(0.05);
    const { consumed, file, variants } = weightsOf(events);
    expect(consumed).toEqual(["frame-0", "frame-1", "frame-2"]);
    expect(await intersectionOverUnion(variants[0]?.path ?? "")).toBeGreaterThan(0.9);
    const next = await train(await tiny.job({ initializeFrom: file.path, steps: 1, seed: 99 }));
    expect(pointsOf(next, "loss")[0]?.value).toBeLessThan(0.1);
  });

  it("refuses to start from weights of another network", async () => {
    const { file } = weightsOf(await train(await tiny.job({ steps: 1 })));
    const job = await tiny.job({
      initializeFrom: file.path,
      architecture: { name: "unet", options: { widths: [5] } },
    });
    await expect(train(job)).rejects.toMatchObject({ code: "RMTC_LAYOUT_MISMATCH" });
  });

  it("gives the same bits again, and with any number of threads", async () => {
    const first = await outcomeOf(await tiny.job());
    expect(await outcomeOf(await tiny.job())).toEqual(first);
    expect(await outcomeOf(await tiny.job(), 3)).toEqual(first);
    expect((await outcomeOf(await tiny.job({ seed: 8 }))).files.weights).not.toBe(first.files.weights);
  });

  it("trains every option of the architecture", async () => {
    const options = {
      inputTransform: "log",
      widths: [3, 4, 5],
      encoderConvolutions: 2,
      decoderConvolutions: 2,
      activation: "leakyRelu",
      leakySlope: 0.2,
      output: "mask",
      outputActivation: "none",
    };
    const job = await tiny.job({
      architecture: { name: "unet", options },
      losses: [
        { name: "far", loss: "l1", output: "mask", target: "matte", weight: 0.5 },
        { name: "near", loss: "l2", output: "mask", target: "matte", weight: 2 },
      ],
      steps: 40,
    });
    const events = await train(job);
    const [first, last] = [pointsOf(events, "loss")[0]?.value, pointsOf(events, "loss").at(-1)?.value];
    expect(Number(last)).toBeLessThan(Number(first) / 2);
    expect(pointsOf(events, "near")).toHaveLength(40);
  });

  it("converts a checkpoint to the ONNX file that the weights have", async () => {
    const job = await tiny.job();
    const events = await train(job);
    const checkpoint = events.findLast((event) => event.type === "checkpoint");
    const path = join(job.outputFolder, "exported.onnx");
    await exportOnnx(checkpoint?.file.path ?? "", job.architecture, path);
    expect(await readFile(path)).toEqual(await readFile(weightsOf(events).variants[0]?.path ?? ""));
  });

  it("answers an abort within a tenth of a second, and ends its process", { retry: 2 }, async () => {
    const abort = new AbortController();
    const job = await tiny.job({
      steps: 100_000,
      checkpointEverySteps: 100_000,
      validateEverySteps: 100_000,
    });
    const trainer = new OnnxTrainer({ threads: 1 });
    const strangers = await childProcesses();
    let aborted = Number.NaN;
    const run = async (): Promise<void> => {
      for await (const event of trainer.train(job, { plan, signal: abort.signal })) {
        if (event.type !== "started") continue;
        setTimeout(() => {
          aborted = performance.now();
          abort.abort(new Error("enough"));
        }, 5);
      }
    };
    await expect(run()).rejects.toThrow("enough");
    expect(performance.now() - aborted).toBeLessThan(100);
    await trainer[Symbol.asyncDispose]();
    expect(await childProcesses()).toEqual(strangers);
  });

  it("describes a network without running it", async () => {
    const trainer = new OnnxTrainer({ threads: 1 });
    const network = await trainer.describe({
      architecture: { name: "unet", options: {} },
      hyperparameters: {},
    });
    expect(network.parameterCount).toBe(106_705);
    expect(network.inputs[0]).toMatchObject({
      name: "input",
      layout: { shape: [0, 3, 0, 0], channels: ["R", "G", "B"] },
    });
    expect(network.outputs[0]).toMatchObject({
      name: "matte",
      layout: { axes: ["n", "c", "h", "w"], channels: ["A"] },
    });
  });

  it.each([
    ["an unknown architecture", { architecture: { name: "resnet", options: {} } }, "/architecture/name"],
    ["an unknown option", { architecture: { name: "unet", options: { depth: 3 } } }, "/architecture/options"],
    [
      "an option of the wrong type",
      { architecture: { name: "unet", options: { widths: [1.5] } } },
      "/architecture/options/widths/0",
    ],
    [
      "a network that would not fit",
      { architecture: { name: "unet", options: { widths: [2048, 2048, 2048], encoderConvolutions: 8 } } },
      "/architecture/options/widths",
    ],
    ["an unknown hyper-parameter", { hyperparameters: { momentum: 1 } }, "/hyperparameters"],
    ["a learning rate of zero", { hyperparameters: { learningRate: 0 } }, "/hyperparameters/learningRate"],
    ["no steps", { steps: 0 }, "/steps"],
    ["no items", { trainItems: [] }, "/trainItems"],
    ["no losses", { losses: [] }, "/losses"],
  ])("refuses %s", async (_, change, pointer) => {
    await expect(train(await tiny.job(change))).rejects.toMatchObject({
      code: "RMTC_OPTION_INVALID",
      pointer,
    });
  });

  it("refuses crops that the network cannot halve", async () => {
    const odd: typeof plan = async (request) => {
      const planned = await plan(request);
      for (const step of planned.steps) for (const sample of step.samples) sample.crop.width = 15;
      return planned;
    };
    await expect(train(await tiny.job(), { plan: odd })).rejects.toMatchObject({
      code: "RMTC_LAYOUT_MISMATCH",
    });
  });

  it("refuses a plate with a NaN, and says where", async () => {
    const path = join(tiny.folder, "nan.exr");
    const values = new Float32Array(24 * 20 * 4).fill(0.5);
    values[(3 * 24 + 5) * 4 + 1] = Number.NaN;
    const tensor = tensorOf("F32", [20, 24, 4], values);
    await writeExr(path, { parts: [await exrPartFromTensor(tensor, { names: ["R", "G", "B", "matte.A"] })] });
    const slots = { plate: { path, channels: ["R", "G", "B"] }, matte: { path, channels: ["matte.A"] } };
    const job = await tiny.job({ trainItems: [{ key: "broken", slots }] });
    await expect(train(job)).rejects.toMatchObject({
      code: "RMTC_VALUE_INVALID",
      subject: "broken",
      message: expect.stringContaining("channel G, at column 5 of row 3"),
    });
  });

  it("refuses a matte of another size or a slot with other channels", async () => {
    const path = join(tiny.folder, "small.png");
    await writePng(path, tensorOf("U8", [10, 24, 1], new Uint8Array(240)));
    const [item] = tiny.items;
    if (item === undefined) throw new Error("There is no item.");
    const small = { ...item, slots: { ...item.slots, matte: { path, channels: ["Y"] } } };
    await expect(train(await tiny.job({ trainItems: [small] }))).rejects.toMatchObject({
      code: "RMTC_LAYOUT_MISMATCH",
    });
    const bare = { ...item, slots: { plate: item.slots.plate ?? { path, channels: [] } } };
    await expect(train(await tiny.job({ trainItems: [bare] }))).rejects.toMatchObject({
      code: "RMTC_LAYOUT_MISMATCH",
    });
  });

  it("refuses a checkpoint that is damaged, of another network, or beyond the last step", async () => {
    const checkpoint = (await train(await tiny.job())).find((event) => event.type === "checkpoint");
    const resumeFrom = checkpoint?.file.path ?? "";
    const architecture = { name: "unet", options: { widths: [4, 9] } };
    await expect(train(await tiny.job({ resumeFrom, architecture }))).rejects.toMatchObject({
      code: "RMTC_DIGEST_MISMATCH",
    });
    await expect(train(await tiny.job({ resumeFrom, steps: 2 }))).rejects.toMatchObject({
      code: "RMTC_STATE_INVALID",
    });
    const damaged = join(tiny.folder, "damaged.safetensors");
    await copyFile(resumeFrom, damaged);
    await truncate(damaged, 9000);
    await expect(train(await tiny.job({ resumeFrom: damaged }))).rejects.toMatchObject({
      code: "RMTC_FORMAT_INVALID",
    });
    await writeFile(damaged, "nothing of the kind");
    await expect(train(await tiny.job({ resumeFrom: damaged }))).rejects.toMatchObject({
      code: "RMTC_FORMAT_INVALID",
    });
  });

  it("opens as an extension with defaults", async () => {
    const checked = await extension.options["~standard"].validate({});
    if (checked.issues !== undefined) throw new Error(checked.issues[0]?.message);
    await using trainer = await extension.open(checked.value, { baseFolder: tiny.folder });
    expect(trainer.capabilities).toMatchObject({
      architectures: ["unet"],
      resume: true,
      deterministic: true,
    });
  });
});

/** Runs an ONNX file on the item that was not learnt, and compares its matte with the true one. */
async function intersectionOverUnion(path: string): Promise<number> {
  const item = tiny.items[3];
  const read = async (slot: string): Promise<Float32Array> => {
    const { path: file, channels } = item?.slots[slot] ?? { path: "", channels: [] };
    return (await readImage(file, { channels })).data as Float32Array;
  };
  const [plate, truth] = [await read("plate"), await read("matte")];
  const planes = Float32Array.from(plate, (_, at) => plate[(at % 480) * 3 + Math.floor(at / 480)] ?? 0);
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
  const { matte } = await session.run({ input: new Tensor("float32", planes, [1, 3, 20, 24]) });
  const mask = Array.from((matte?.data ?? []) as Float32Array, (value) => value > 0.5);
  const both = mask.filter((inside, at) => inside && (truth[at] ?? 0) > 0.5).length;
  const either = mask.filter((inside, at) => inside || (truth[at] ?? 0) > 0.5).length;
  return both / either;
}
