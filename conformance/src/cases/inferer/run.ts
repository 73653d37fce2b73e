// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { Inferable, InferRequest, TensorValue } from "@rmtc/contract";
import type { InfererCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { blockSize, placesNetwork } from "./onnx-networks.ts";
import {
  assertClose,
  first,
  has,
  image,
  numbersOf,
  opened,
  outputOf,
  runOn,
  saved,
  takesOnnx,
  tensor,
} from "./sample-networks.ts";

/** What a call takes and gives. */
export const runCases: readonly InfererCase[] = [
  {
    id: "inferer.run.elements",
    level: "must",
    spec: "inferer.md#rmtc-inf-015",
    title: "takes and gives elements row by row and little-endian",
    when: has("affine"),
    async run(context) {
      const network = await opened(context, "affine");
      const x = image(first(network.inputs), 3, 5, (index) => index / 4);
      const y = await runOn(network, x);
      assert.deepEqual(
        numbersOf(y),
        numbersOf(x).map((value) => 2 * value + 1),
      );
      assert.equal(y.dtype, "F32");
    },
  },
  {
    id: "inferer.run.view",
    level: "must",
    spec: "inferer.md#rmtc-inf-015",
    title: "takes elements that begin in the middle of a buffer, and leaves them as they are",
    when: has("affine"),
    async run(context) {
      const network = await opened(context, "affine");
      const x = image(first(network.inputs), 4, 4);
      const buffer = new Uint8Array(x.data.byteLength + 9).fill(0xee);
      buffer.set(x.data, 5);
      const data = buffer.subarray(5, 5 + x.data.byteLength);
      const y = await runOn(network, { ...x, data });
      assert.deepEqual(
        numbersOf(y),
        numbersOf(x).map((value) => 2 * value + 1),
      );
      assert.ok(Buffer.from(data).equals(x.data), "it changed its input");
    },
  },
  {
    id: "inferer.run.refused-inputs",
    level: "must",
    spec: "inferer.md#rmtc-inf-012",
    title: "refuses inputs that are missing, unknown or of another type, rank, size or length",
    when: has("affine"),
    async run(context) {
      const network = await opened(context, "affine");
      const { name, layout } = first(network.inputs);
      const x = image({ name, layout }, 4, 4);
      const channels = layout.shape.findIndex((size) => size > 1);
      assert.ok(channels >= 0, "the layout tells no number of channels");
      const thinner = tensor(x.shape.with(channels, 1), new Float32Array(x.data.byteLength / 8));
      for (const inputs of [
        {},
        { [name]: x, unheard: x },
        { [name]: { ...x, dtype: "I32" as const } },
        { [name]: { ...x, shape: [1, ...x.shape] } },
        { [name]: thinner },
        { [name]: { ...x, data: x.data.subarray(4) } },
      ]) {
        await rejectsWith(() => network.run({ inputs }), "RMTC_LAYOUT_MISMATCH");
      }
      assert.equal(numbersOf(await runOn(network, x)).length, numbersOf(x).length);
    },
  },
  {
    id: "inferer.run.one-size",
    level: "must",
    spec: "inferer.md#rmtc-inf-013",
    title: "refuses images of one call that differ in size",
    when: has("pair"),
    async run(context) {
      const network = await opened(context, "pair");
      const a = image(first(network.inputs), 4, 6);
      for (const [rows, columns] of [
        [4, 5],
        [5, 6],
        [6, 4],
      ] as const) {
        const b = image(first(network.inputs), rows, columns);
        await rejectsWith(() => network.run({ inputs: { a, b } }), "RMTC_LAYOUT_MISMATCH");
      }
    },
  },
  {
    id: "inferer.run.every-output",
    level: "must",
    spec: "inferer.md#rmtc-inf-010",
    title: "gives every output it lists unless told otherwise, each its own numbers",
    when: has("pair"),
    async run(context) {
      const { result, a, b } = await runPair(await opened(context, "pair"));
      assert.deepEqual(Object.keys(result.outputs).sort(), ["difference", "sum"]);
      assert.deepEqual(
        numbersOf(outputOf(result, "sum")),
        numbersOf(a).map((value, at) => value + (numbersOf(b)[at] ?? 0)),
      );
      assert.deepEqual(
        numbersOf(outputOf(result, "difference")),
        numbersOf(a).map((value, at) => value - (numbersOf(b)[at] ?? 0)),
      );
    },
  },
  {
    id: "inferer.run.named-outputs",
    level: "must",
    spec: "inferer.md#rmtc-inf-014",
    title: "gives the outputs that a call names and no others",
    when: has("pair"),
    async run(context) {
      const network = await opened(context, "pair");
      const all = await runPair(network);
      for (const name of ["sum", "difference"]) {
        const { result } = await runPair(network, { outputs: [name] });
        assert.deepEqual(Object.keys(result.outputs), [name]);
        assertSame(numbersOf(outputOf(result, name)), numbersOf(outputOf(all.result, name)));
      }
    },
  },
  {
    id: "inferer.run.unknown-output",
    level: "must",
    spec: "inferer.md#rmtc-inf-014",
    title: "refuses a name that is no output",
    when: has("pair"),
    async run(context) {
      const network = await opened(context, "pair");
      await rejectsWith(() => runPair(network, { outputs: ["sum", "product"] }), "RMTC_OPTION_INVALID");
      await rejectsWith(() => runPair(network, { outputs: ["a"] }), "RMTC_OPTION_INVALID");
    },
  },
  {
    id: "inferer.run.repeatable",
    level: "must",
    spec: "inferer.md#rmtc-inf-016",
    title: "gives the same bits for the same inputs, also when the weights are opened again",
    when: has("blurred"),
    async run(context) {
      const network = await opened(context, "blurred");
      const x = image(first(network.inputs), 33, 29, (index) => Math.fround(Math.sin(index)));
      const answers = [await runOn(network, x), await runOn(network, x)];
      await runOn(network, image(first(network.inputs), 5, 5));
      answers.push(await runOn(network, x), await runOn(await opened(context, "blurred"), x));
      const bits = answers.map(({ data }) => Buffer.from(data).toString("hex"));
      assert.equal(new Set(bits).size, 1, "the bits differ");
    },
  },
  {
    id: "inferer.padding.edges",
    level: "must",
    spec: "inferer.md#rmtc-inf-020",
    title: "repeats the last row and column up to the next multiple of the stride",
    when: has("blocks"),
    async run(context) {
      const network = await opened(context, "blocks");
      for (const [rows, columns] of [
        [6, 5],
        [3, 9],
        [8, 4],
      ] as const) {
        const x = image(first(network.inputs), rows, columns);
        assertClose(numbersOf(await runOn(network, x)), blockMeans(numbersOf(x), rows, columns));
      }
    },
  },
  {
    id: "inferer.padding.cropped",
    level: "must",
    spec: "inferer.md#rmtc-inf-021",
    title: "crops outputs to the size that belongs to the image",
    when: has("blocks"),
    async run(context) {
      const network = await opened(context, "blocks");
      for (let size = 1; size <= 9; size++) {
        const x = image(first(network.inputs), size, 10 - size);
        assert.deepEqual((await runOn(network, x)).shape, x.shape);
      }
    },
  },
  {
    id: "inferer.tiles.padding",
    level: "must",
    spec: "inferer.md#rmtc-inf-022",
    title: "pads an image that it runs in tiles as it does one that it runs whole",
    when: has("blocks"),
    async run(context) {
      await comparesTiles(await opened(context, "blocks"), { size: 16, overlap: 8 }, [38, 27]);
    },
  },
  {
    id: "inferer.tiles.exact",
    level: "must",
    spec: "inferer.md#rmtc-inf-030",
    title: "gives in tiles what it gives without",
    when: has("blurred"),
    async run(context) {
      const network = await opened(context, "blurred");
      for (const size of [
        [50, 70],
        [96, 33],
        [20, 20],
      ] as const) {
        await comparesTiles(network, { size: 32, overlap: 16 }, size);
      }
    },
  },
  {
    id: "inferer.tiles.aligned",
    level: "must",
    spec: "inferer.md#rmtc-inf-032",
    title:
      "starts tiles at multiples of the stride, whatever the overlap, and keeps them in the padded image",
    when: has("blocks"),
    async run(context) {
      const network = await opened(context, "blocks");
      for (const overlap of [5, 6, 7, 9]) await comparesTiles(network, { size: 16, overlap }, [45, 37]);
    },
  },
  {
    id: "inferer.tiles.whole-refused",
    level: "must",
    spec: "inferer.md#rmtc-inf-031",
    title: "claims no tiles for a network that sees the whole image, and refuses them",
    when: has("whole"),
    async run(context) {
      const network = await opened(context, "whole");
      assert.equal(network.capabilities.tiles, false);
      const x = image(first(network.inputs), 40, 40);
      await rejectsWith(() => runOn(network, x, { tiles: { size: 16, overlap: 8 } }), "RMTC_UNSUPPORTED");
      const mean = numbersOf(x).reduce((sum, value) => sum + value, 0) / 1_600;
      assertClose(
        numbersOf(await runOn(network, x)),
        numbersOf(x).map((value) => value - mean),
      );
    },
  },
  {
    id: "inferer.tiles.refused",
    level: "must",
    spec: "inferer.md#rmtc-inf-033",
    title: "refuses tiles that are no multiples of the stride or leave no step",
    when: has("blocks"),
    async run(context) {
      const network = await opened(context, "blocks");
      const code = network.capabilities.tiles ? "RMTC_OPTION_INVALID" : "RMTC_UNSUPPORTED";
      const x = image(first(network.inputs), 40, 40);
      for (const tiles of [
        { size: 18, overlap: 8 },
        { size: 0, overlap: 0 },
        { size: 16, overlap: 16 },
        { size: 16, overlap: 14 },
      ]) {
        await rejectsWith(() => runOn(network, x, { tiles }), code);
      }
    },
  },
  {
    id: "inferer.tiles.no-image",
    level: "must",
    spec: "inferer.md#rmtc-inf-035",
    title: "puts no output together from tiles that is no image over the input",
    when: takesOnnx,
    async run(context) {
      const network = await context.store.open(await saved(context, "places", placesNetwork()));
      const x = image(first(network.inputs), 40, 40);
      const inputs = { [first(network.inputs).name]: x };
      const tiles = { size: 16, overlap: 8 };
      await rejectsWith(() => network.run({ inputs, tiles, outputs: ["places"] }), "RMTC_UNSUPPORTED");
      await rejectsWith(() => network.run({ inputs, tiles }), "RMTC_UNSUPPORTED");
    },
  },
];

async function runPair(network: Inferable, options: Omit<InferRequest, "inputs"> = {}) {
  const a = image(first(network.inputs), 5, 4);
  const b = image(first(network.inputs), 5, 4, (index) => index / 2);
  return { a, b, result: await network.run({ inputs: { a, b }, ...options }) };
}

/** Compares a call in tiles with one without; an inferable that claims no tiles has to refuse them. */
async function comparesTiles(
  network: Inferable,
  tiles: { readonly size: number; readonly overlap: number },
  [rows, columns]: readonly [number, number],
): Promise<void> {
  const x: TensorValue = image(first(network.inputs), rows, columns, (index) => Math.fround(Math.sin(index)));
  if (!network.capabilities.tiles) {
    await rejectsWith(() => runOn(network, x, { tiles }), "RMTC_UNSUPPORTED");
    return;
  }
  const whole = await runOn(network, x);
  const tiled = await runOn(network, x, { tiles });
  assert.deepEqual(tiled.shape, whole.shape);
  assertClose(numbersOf(tiled), numbersOf(whole));
}

/** Computes the network `blocks`, the image padded as the standard says. */
function blockMeans(numbers: readonly number[], rows: number, columns: number): readonly number[] {
  const at = (row: number, column: number): number =>
    numbers[Math.min(row, rows - 1) * columns + Math.min(column, columns - 1)] ?? Number.NaN;
  return numbers.map((_, index) => {
    const top = Math.floor(Math.floor(index / columns) / blockSize) * blockSize;
    const left = Math.floor((index % columns) / blockSize) * blockSize;
    let sum = 0;
    for (let row = top; row < top + blockSize; row++) {
      for (let column = left; column < left + blockSize; column++) sum += at(row, column);
    }
    return sum / blockSize ** 2;
  });
}
