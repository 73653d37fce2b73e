// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  adamScalars,
  buildEvaluation,
  buildTrainingStep,
  GraphBuilder,
  layOutParameters,
  parametersOf,
  type TrainingStepOptions,
  tensorFromNumbers,
  withParameters,
} from "../src/index.ts";
import { loadModel, type Numbers } from "./run-model.ts";
import { SeededRandom } from "./seeded-random.ts";

const BATCH = [2, 1, 6, 6];
const random = new SeededRandom(11);
const image: Numbers = { shape: BATCH, values: random.numbers(72) };
/** Where the image is bright: easily learnt. */
const mask: Numbers = { shape: BATCH, values: image.values.map((value) => (value > 0 ? 1 : 0)) };

function options(losses: TrainingStepOptions["losses"]): TrainingStepOptions {
  const graph = new GraphBuilder();
  const x = graph.input("x", "F32", BATCH);
  const weights = tensorFromNumbers("w", "F32", new SeededRandom(3).numbers(9), [1, 1, 3, 3]);
  const bias = tensorFromNumbers("b", "F32", [0], [1]);
  const logits = graph.add("Conv", [x, graph.initializer(weights), graph.initializer(bias)], {
    pads: [1, 1, 1, 1],
  });
  graph.output(graph.add("Sigmoid", [logits]), "matte");
  return {
    forward: graph.finish(),
    parameters: ["w", "b"],
    inputShapes: { x: BATCH },
    targetShapes: { mask: BATCH },
    losses,
  };
}

const bce = { name: "bce", loss: "bce", output: "matte", target: "mask", weight: 1 } as const;

async function train(
  steps: number,
  given: TrainingStepOptions,
): Promise<readonly ReadonlyMap<string, Numbers>[]> {
  const { model, layout } = buildTrainingStep(given);
  const loaded = await loadModel(model);
  const shape = [parametersOf(given.forward, layout).length];
  let parameters: Numbers = { shape, values: [...parametersOf(given.forward, layout)] };
  let firstMoment: Numbers = { shape, values: shape.flatMap((size) => new Array<number>(size).fill(0)) };
  let secondMoment = firstMoment;
  const history: ReadonlyMap<string, Numbers>[] = [];
  for (let step = 1; step <= steps; step++) {
    const { stepSize, secondScale } = adamScalars(step, 0.1, given.adam);
    const results = await loaded.run({
      x: image,
      "target.mask": mask,
      parameters,
      firstMoment,
      secondMoment,
      stepSize: { shape: [], values: [stepSize] },
      secondScale: { shape: [], values: [secondScale] },
    });
    parameters = results.get("nextParameters") as Numbers;
    firstMoment = results.get("nextFirstMoment") as Numbers;
    secondMoment = results.get("nextSecondMoment") as Numbers;
    history.push(results);
  }
  return history;
}

const lossOf = (results: ReadonlyMap<string, Numbers> | undefined, name = "loss"): number =>
  results?.get(name)?.values[0] ?? Number.NaN;

describe("buildTrainingStep", () => {
  it("learns an easy problem", async () => {
    const history = await train(250, options([bce]));
    expect(lossOf(history[0])).toBeGreaterThan(0.5);
    expect(lossOf(history.at(-1))).toBeLessThan(0.1);
  });

  it("changes parameters as Adam's formula has it", async () => {
    const adam = { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };
    const [first, second] = await train(2, { ...options([bce]), adam });
    // Undoes the first step to find its gradient, then predicts the moments and parameters of the first step.
    const gradient = (first?.get("nextFirstMoment")?.values ?? []).map((value) => value / (1 - adam.beta1));
    const moment = first?.get("nextSecondMoment")?.values ?? [];
    const start = [
      ...parametersOf(options([bce]).forward, layOutParameters(options([bce]).forward, ["w", "b"])),
    ];
    for (const [index, g] of gradient.entries()) {
      expect(moment[index]).toBeCloseTo((1 - adam.beta2) * g * g, 8);
      const change = (0.1 * g) / (Math.abs(g) + adam.epsilon);
      expect(first?.get("nextParameters")?.values[index]).toBeCloseTo((start[index] ?? 0) - change, 5);
    }
    expect(second?.get("nextFirstMoment")?.values).not.toEqual(first?.get("nextFirstMoment")?.values);
  });

  it("minimises the weighted sum and reports each term unweighted", async () => {
    const terms = (["l1", "l2", "bce"] as const).map((loss, index) => ({
      ...bce,
      name: loss,
      loss,
      weight: index + 0.5,
    }));
    const [results] = await train(1, options(terms));
    const sum = terms.reduce(
      (total, { name, weight }) => total + weight * lossOf(results, `loss.${name}`),
      0,
    );
    expect(lossOf(results)).toBeCloseTo(sum, 5);
  });

  it("computes each loss as its formula has it", async () => {
    const given = options((["l1", "l2", "bce"] as const).map((loss) => ({ ...bce, name: loss, loss })));
    const matte = (await (await loadModel(given.forward)).run({ x: image })).get("matte")?.values ?? [];
    const mean = (term: (p: number, t: number) => number): number =>
      matte.reduce((sum, p, at) => sum + term(p, mask.values[at] ?? 0), 0) / matte.length;
    const [results] = await train(1, given);
    expect(lossOf(results, "loss.l1")).toBeCloseTo(
      mean((p, t) => Math.abs(p - t)),
      5,
    );
    expect(lossOf(results, "loss.l2")).toBeCloseTo(
      mean((p, t) => (p - t) ** 2),
      5,
    );
    expect(lossOf(results, "loss.bce")).toBeCloseTo(
      mean((p, t) => -(t * Math.log(p) + (1 - t) * Math.log(1 - p))),
      5,
    );
  });

  it("keeps cross-entropy finite where the sigmoid is 0 or 1 in float", async () => {
    const given = options([bce]);
    const slots = layOutParameters(given.forward, given.parameters);
    const huge = parametersOf(given.forward, slots).map((value) => value * 1000);
    const [results] = await train(1, { ...given, forward: withParameters(given.forward, slots, huge) });
    expect(lossOf(results)).toBeGreaterThan(10);
    expect(lossOf(results)).toBeLessThan(10_000);
    expect(results?.get("nextParameters")?.values.every(Number.isFinite)).toBe(true);
  });

  it("gives the same bits each time", async () => {
    const [first, second] = [await train(5, options([bce])), await train(5, options([bce]))];
    expect(first.at(-1)).toEqual(second.at(-1));
  });

  it("measures without teaching", async () => {
    const given = options([bce]);
    const { model, layout } = buildEvaluation(given);
    const parameters = [...parametersOf(given.forward, layout)];
    const feeds = {
      x: image,
      "target.mask": mask,
      parameters: { shape: [parameters.length], values: parameters },
    };
    const [trained] = await train(1, given);
    expect(lossOf(await (await loadModel(model)).run(feeds))).toBeCloseTo(lossOf(trained), 6);
  });

  it.each([
    ["a target of another shape", { targetShapes: { mask: [2, 1, 5, 6] } }, "RMTC_LAYOUT_MISMATCH"],
    ["an output that does not exist", { losses: [{ ...bce, output: "depth" }] }, "RMTC_OPTION_INVALID"],
    ["a target that does not exist", { losses: [{ ...bce, target: "depth" }] }, "RMTC_OPTION_INVALID"],
    ["no loss at all", { losses: [] }, "RMTC_OPTION_INVALID"],
    ["a parameter that does not exist", { parameters: ["w", "nothing"] }, "RMTC_GRAPH_UNSUPPORTED"],
  ])("refuses %s", (_, change, code) => {
    expect(() => buildTrainingStep({ ...options([bce]), ...change })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("refuses cross-entropy of an output that is no sigmoid", () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", BATCH);
    const w = graph.initializer(tensorFromNumbers("w", "F32", [1], [1, 1, 1, 1]));
    graph.output(graph.add("Conv", [x, w]), "matte");
    const given = { ...options([bce]), forward: graph.finish(), parameters: ["w"] };
    expect(() => buildTrainingStep(given)).toThrow(
      expect.objectContaining({ code: "RMTC_GRAPH_UNSUPPORTED" }),
    );
  });
});
