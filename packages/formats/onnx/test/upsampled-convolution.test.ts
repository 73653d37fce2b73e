// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { describe, expect, it } from "vitest";
import {
  differentiate,
  GraphBuilder,
  type GraphValue,
  inlineModel,
  tensorFromNumbers,
} from "../src/index.ts";
import { addUpsampledConvolution } from "../src/training/upsampled-convolution.ts";
import { runModel } from "./run-model.ts";
import { SeededRandom } from "./seeded-random.ts";

const FINE = [2, 3, 6, 8];
const COARSE = [2, 4, 3, 4];
const random = new SeededRandom(21);
const feeds = {
  fine: { shape: FINE, values: random.numbers(2 * 3 * 6 * 8) },
  coarse: { shape: COARSE, values: random.numbers(2 * 4 * 3 * 4) },
};

type Join = (graph: GraphBuilder, fine: GraphValue, doubled: GraphValue) => GraphValue;

const joins: Readonly<Record<string, Join>> = {
  alone: (_, __, doubled) => doubled,
  "before another image": (graph, fine, doubled) => graph.add("Concat", [doubled, fine], { axis: 1 }),
  "after another image": (graph, fine, doubled) => graph.add("Concat", [fine, doubled], { axis: 1 }),
  twice: (graph, fine, doubled) => graph.add("Concat", [doubled, fine, doubled], { axis: 1 }),
};

/** Convolves an image with a doubled one among its parts, and gives the result and all gradients. */
async function results(
  join: Join,
  withBias: boolean,
  isRewritten: boolean,
): Promise<readonly (readonly number[])[]> {
  const forward = new GraphBuilder();
  const [fine, coarse] = [forward.input("fine", "F32", FINE), forward.input("coarse", "F32", COARSE)];
  const doubled = forward.add("Resize", [coarse, undefined, forward.constant("F32", [1, 1, 2, 2], [4])], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  const image = join(forward, fine, doubled);
  const depth = image.shape[1] as number;
  const numbers = new SeededRandom(5);
  const weights = tensorFromNumbers("w", "F32", numbers.numbers(5 * depth * 9), [5, depth, 3, 3]);
  const bias = tensorFromNumbers("b", "F32", numbers.numbers(5), [5]);
  const inputs = [image, forward.initializer(weights), ...(withBias ? [forward.initializer(bias)] : [])];
  forward.output(forward.add("Conv", inputs, { pads: [1, 1, 1, 1] }), "y");
  const graph = new GraphBuilder();
  const wanted = [
    graph.input("fine", "F32", FINE),
    graph.input("coarse", "F32", COARSE),
    graph.initializer(weights),
    ...(withBias ? [graph.initializer(bias)] : []),
  ];
  const bindings = new Map(wanted.map((value) => [value.name, value]));
  const values = inlineModel(
    graph,
    forward.finish(),
    bindings,
    isRewritten ? addUpsampledConvolution : undefined,
  );
  const y = graph.output(values.get("y") as GraphValue);
  const loss = graph.add("ReduceSum", [graph.add("Mul", [y, graph.add("Sigmoid", [y])])], { keepdims: 0 });
  const outputs = differentiate(graph, loss, wanted).map((gradient) => graph.output(gradient).name);
  const model = graph.finish();
  const hasResize = model.graph.nodes.some((node) => node.opType === "Resize");
  expect(hasResize).toBe(!isRewritten);
  const found = await runModel(model, feeds);
  return [y.name, ...outputs].map((name) => found.get(name)?.values ?? []);
}

describe("addUpsampledConvolution", () => {
  it.each(Object.keys(joins).flatMap((name) => [true, false].map((withBias) => [name, withBias] as const)))(
    "gives what convolving the doubled image gives, %s, with bias: %s",
    async (name, withBias) => {
      const join = joins[name] as Join;
      const [plain, rewritten] = [await results(join, withBias, false), await results(join, withBias, true)];
      expect(rewritten.length).toBe(plain.length);
      for (const [index, expected] of plain.entries()) {
        const scale = Math.max(...expected.map(Math.abs), 1e-3);
        const worst = Math.max(
          ...expected.map((value, at) => Math.abs(value - (rewritten[index]?.[at] ?? Number.NaN))),
        );
        expect(worst / scale).toBeLessThan(1e-5);
      }
    },
  );

  it("leaves other convolutions as they are", async () => {
    const graph = new GraphBuilder();
    const x = graph.input("x", "F32", FINE);
    const w = graph.input("w", "F32", [5, 3, 3, 3]);
    const conv = graph.add("Conv", [x, w], { pads: [1, 1, 1, 1] });
    const node = graph.producer(conv);
    expect(node && addUpsampledConvolution(graph, node, [x, w])).toBeUndefined();
  });
});
