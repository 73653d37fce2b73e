// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isRmtcError } from "@rmtc/contract";
import { validateDocument } from "@rmtc/spec";
import type { InfererCase } from "../../conformance-case.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { affineNetwork, externalNetwork, movedNetwork, unknownOperatorNetwork } from "./onnx-networks.ts";
import {
  first,
  has,
  image,
  numbersOf,
  opened,
  runOn,
  saved,
  takesOnnx,
  weightsOf,
} from "./sample-networks.ts";

/** Which files are opened, and what is told of them. */
export const openCases: readonly InfererCase[] = [
  {
    id: "inferer.open.media-type",
    level: "must",
    spec: "inferer.md#rmtc-inf-001",
    title: "refuses a media type that it does not open",
    when: has("affine"),
    async run(context) {
      const { path } = await weightsOf(context, "affine");
      await rejectsWith(
        () => context.store.open({ path, mediaType: "application/vnd.example.unheard-of" }),
        "RMTC_FORMAT_UNSUPPORTED",
      );
    },
  },
  {
    id: "inferer.open.truncated",
    level: "must",
    spec: "inferer.md#rmtc-inf-002",
    title: "refuses a file that is cut off or something else, and opens a good one then",
    when: has("affine"),
    async run(context) {
      const { store } = context;
      const weights = await weightsOf(context, "affine");
      const bytes = await readFile(weights.path);
      const noise = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 167 + 13) % 256));
      for (const damaged of [noise, bytes.subarray(0, bytes.length >> 1), bytes.subarray(0, 1)]) {
        const path = join(dirname(weights.path), "damaged");
        await writeFile(path, damaged);
        await rejectsWith(() => store.open({ ...weights, path }), "RMTC_FORMAT_INVALID");
      }
      const network = await store.open(weights);
      const x = image(first(network.inputs), 2, 2);
      assert.equal(numbersOf(await runOn(network, x)).length, numbersOf(x).length);
    },
  },
  {
    id: "inferer.open.damaged",
    level: "must",
    spec: "inferer.md#rmtc-inf-002",
    title: "opens or refuses files with changed bytes, and goes on",
    when: has("affine"),
    async run(context) {
      const { store, size } = context;
      const weights = await weightsOf(context, "affine");
      const bytes = await readFile(weights.path);
      for (let attempt = 0; attempt < size(6, 4); attempt++) {
        const damaged = Buffer.from(bytes);
        for (let at = attempt * 11; at < damaged.length; at += 67) damaged[at] = (damaged[at] ?? 0) ^ 0x55;
        const path = join(dirname(weights.path), `damaged-${attempt}`);
        await writeFile(path, damaged);
        const outcome = await store.open({ ...weights, path }).catch((error: unknown) => error);
        if (outcome instanceof Error) assert.ok(isRmtcError(outcome), `it threw ${outcome}`);
      }
      await store.open(weights);
    },
  },
  {
    id: "inferer.open.no-pickle",
    level: "must",
    spec: "inferer.md#rmtc-inf-003",
    title: "runs no code of a pickle",
    async run({ store, folder }) {
      const [path, mark] = [join(folder, "weights"), join(folder, "mark")];
      await writeFile(path, `cos\nsystem\n(S"touch '${mark}'"\ntR.`);
      for (const mediaType of store.capabilities.mediaTypes) {
        await rejectsWith(
          () => store.open({ path, mediaType }),
          "RMTC_FORMAT_INVALID",
          "RMTC_FORMAT_UNSUPPORTED",
        );
      }
      assert.equal(existsSync(mark), false, "it ran a command that a pickle brought along");
    },
  },
  {
    id: "inferer.open.outside",
    level: "must",
    spec: "inferer.md#rmtc-inf-004",
    title: "reads no file that lies outside the weights' folder or behind a link",
    when: takesOnnx,
    async run(context) {
      const { store, folder } = context;
      await mkdir(join(folder, "linked"));
      await writeFile(join(folder, "secret.bin"), new Uint8Array(new Float32Array([2]).buffer));
      await symlink(join(folder, "secret.bin"), join(folder, "linked", "secret.bin"));
      for (const [name, location] of [
        ["outside", "../secret.bin"],
        ["linked", "secret.bin"],
        ["absolute", join(folder, "secret.bin")],
      ] as const) {
        const weights = await saved(context, name, externalNetwork(location));
        await rejectsWith(() => store.open(weights), "RMTC_PATH_INVALID", "RMTC_FORMAT_INVALID");
      }
    },
  },
  {
    id: "inferer.open.operator",
    level: "must",
    spec: "inferer.md#rmtc-inf-005",
    title: "refuses a network with an operator that cannot be run",
    when: takesOnnx,
    async run(context) {
      const weights = await saved(context, "unknown", unknownOperatorNetwork());
      await rejectsWith(() => context.store.open(weights), "RMTC_GRAPH_UNSUPPORTED");
    },
  },
  {
    id: "inferer.layouts.listed",
    level: "must",
    spec: "inferer.md#rmtc-inf-010",
    title: "lists every input and output with its layout, and no weights",
    when: has("pair", "affine"),
    async run(context) {
      const pair = await opened(context, "pair");
      const affine = await opened(context, "affine");
      const names = ({ inputs, outputs }: typeof pair): unknown =>
        [inputs, outputs].map((layouts) => layouts.map(({ name }) => name).sort());
      assert.deepEqual(names(pair), [
        ["a", "b"],
        ["difference", "sum"],
      ]);
      assert.deepEqual(names(affine), [["x"], ["y"]]);
      for (const { name, layout } of [pair, affine].flatMap(({ inputs, outputs }) => [
        ...inputs,
        ...outputs,
      ])) {
        const issue = validateDocument("tensorLayout", layout);
        assert.equal(issue, undefined, `${name}: ${JSON.stringify(issue)}`);
        assert.equal(layout.dtype, "F32");
        const row = layout.axes.indexOf("h");
        assert.ok(row >= 0 && layout.axes[row + 1] === "w", `${name} is no image`);
        assert.equal(layout.axes.length, layout.shape.length);
      }
    },
  },
  {
    id: "inferer.layouts.any-size",
    level: "must",
    spec: "inferer.md#rmtc-inf-011",
    title: "shows open sizes as 0, takes any size of 1 or more for them, and none of 0",
    when: has("affine"),
    async run(context) {
      const network = await opened(context, "affine");
      const x = first(network.inputs);
      const row = x.layout.axes.indexOf("h");
      assert.deepEqual(x.layout.shape.slice(row, row + 2), [0, 0]);
      for (const [rows, columns] of [
        [1, 1],
        [5, 3],
        [40, 17],
      ] as const) {
        const value = image(x, rows, columns);
        assert.deepEqual((await runOn(network, value)).shape, value.shape);
      }
      await rejectsWith(() => runOn(network, image(x, 0, 4)), "RMTC_LAYOUT_MISMATCH");
    },
  },
  {
    id: "inferer.onnx.layout",
    level: "must",
    spec: "inferer.md#rmtc-inf-051",
    title: "takes type and shape from the graph, the rest from the layout, and refuses one that does not fit",
    when: takesOnnx,
    async run(context) {
      const layout = { dtype: "F16", shape: [9, 9, 9, 9], axes: ["n", "c", "h", "w"], channels: ["R", "G"] };
      const metadata = { "rmtc.layout.x": JSON.stringify(layout) };
      const network = await context.store.open(await saved(context, "layout", affineNetwork(metadata)));
      const { layout: found } = first(network.inputs);
      assert.deepEqual(
        [found.dtype, found.shape, found.axes, found.channels],
        ["F32", [1, 2, 0, 0], ["n", "c", "h", "w"], ["R", "G"]],
      );
      for (const wrong of [
        { ...layout, axes: ["h", "w", "c"] },
        { ...layout, channels: ["R", "G", "B"] },
      ]) {
        const wrongly = affineNetwork({ "rmtc.layout.x": JSON.stringify(wrong) });
        const weights = await saved(context, "wrong", wrongly);
        await rejectsWith(() => context.store.open(weights), "RMTC_FORMAT_INVALID");
      }
    },
  },
  {
    id: "inferer.onnx.axes",
    level: "must",
    spec: "inferer.md#rmtc-inf-052",
    title: "takes four axes without a layout for an image, and labels others x",
    when: takesOnnx,
    async run(context) {
      const network = await context.store.open(await saved(context, "moved", movedNetwork()));
      const axes = Object.fromEntries(
        [...network.inputs, ...network.outputs].map(({ name, layout }) => [name, layout.axes.join("")]),
      );
      assert.equal(axes.x, "nchw");
      assert.equal(axes.numbers, "x");
      assert.equal(axes.twice, "x");
    },
  },
  {
    id: "inferer.onnx.moved",
    level: "must",
    spec: "inferer.md#rmtc-inf-053",
    title: "sees that a graph has moved the channels last",
    when: takesOnnx,
    async run(context) {
      const network = await context.store.open(await saved(context, "moved", movedNetwork()));
      const moved = network.outputs.find(({ name }) => name === "moved");
      assert.deepEqual(moved?.layout.axes, ["n", "h", "w", "c"]);
    },
  },
];
