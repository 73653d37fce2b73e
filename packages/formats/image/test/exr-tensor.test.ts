// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { permuteAxes, type Tensor, tensorOf } from "@rmtc/tensor";
import { describe, expect, it } from "vitest";
import {
  addChannels,
  encodeAttribute,
  exrPartFromTensor,
  exrToBytes,
  exrToTensor,
  inViewOrder,
  readExr,
  readImage,
  writeExr,
} from "../src/index.ts";
import { plainPart } from "./any-exr.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const window = { minX: -2, minY: 3, maxX: 1, maxY: 5 };

function part(change = {}): ReturnType<typeof plainPart> {
  return plainPart(
    4,
    3,
    { R: "half", G: "half", B: "half", A: "half", Z: "float", id: "uint" },
    {
      dataWindow: window,
      displayWindow: { minX: 0, minY: 0, maxX: 9, maxY: 9 },
      attributes: new Map([["colorInteropID", encodeAttribute("string", "lin_ap1_scene")]]),
      ...change,
    },
  );
}

describe("exrToTensor", () => {
  it("interleaves channels in the order wanted, with windows, alpha and colour in the layout", async () => {
    const tensor = await exrToTensor(part(), ["B", "A"]);
    const [blue, alpha] = [part().channels.get("B"), part().channels.get("A")];
    expect(tensor.data[2]).toBe(blue?.data[1]);
    expect(tensor.data[3]).toBe(alpha?.data[1]);
    expect(tensor.layout).toEqual({
      dtype: "F16",
      shape: [3, 4, 2],
      axes: ["h", "w", "c"],
      channels: ["B", "A"],
      origin: "topLeft",
      alpha: "associated",
      dataWindow: window,
      displayWindow: { minX: 0, minY: 0, maxX: 9, maxY: 9 },
      pixelAspectRatio: 1,
      colorInteropId: "lin_ap1_scene",
    });
  });

  it("widens unlike types to one that holds them all exactly", async () => {
    expect((await exrToTensor(part(), ["R", "Z"])).dtype).toBe("F32");
    expect((await exrToTensor(part(), ["id"])).dtype).toBe("U32");
    const mixed = await exrToTensor(part(), ["id", "R"]);
    expect(mixed.dtype).toBe("F64");
    expect(mixed.data[2]).toBe(part().channels.get("id")?.data[1]);
  });

  it("says nothing of colour where there is none, and nothing of an id that is none (RMTC-TEN-025)", async () => {
    expect((await exrToTensor(part(), ["Z"])).layout?.colorInteropId).toBeUndefined();
    expect(
      (await exrToTensor(part({ attributes: new Map() }), ["R"])).layout?.colorInteropId,
    ).toBeUndefined();
    const odd = part({ attributes: new Map([["colorInteropID", encodeAttribute("string", "My Space!")]]) });
    expect((await exrToTensor(odd, ["R"])).layout?.colorInteropId).toBeUndefined();
  });

  it("refuses channels that were not read", async () => {
    expect(await rejectionOf(exrToTensor(part(), ["R", "X"]))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});

describe("addChannels", () => {
  it("keeps channels and attributes and adds the new ones bit by bit", async () => {
    const matte = await exrToTensor(part(), ["R", "G"]);
    const more = await addChannels(part(), ["matte.hero", "matte.other"], matte);
    const [back] = (await readExr(await exrToBytes({ parts: [more] }))).parts;
    expect([...(back?.channels.keys() ?? [])]).toEqual([
      "A",
      "B",
      "G",
      "R",
      "Z",
      "id",
      "matte.hero",
      "matte.other",
    ]);
    expect(back?.channels.get("matte.other")?.data).toEqual(part().channels.get("G")?.data);
    expect(back?.attributes).toEqual(part().attributes);
  });

  it("refuses what does not fit the part", async () => {
    const good = await exrToTensor(part(), ["R"]);
    const bad = async (tensor: Tensor, names = ["new"]): Promise<string> =>
      await rejectionOf(addChannels(part(), names, tensor));
    expect(await bad(good, ["R"])).toBe("RMTC_OPTION_INVALID");
    expect(await bad(good, ["a", "b"])).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await bad(tensorOf("F16", [4, 3, 1], new Float16Array(12)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await bad(tensorOf("F16", [3, 4], new Float16Array(12)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await bad(tensorOf("U8", [3, 4, 1], new Uint8Array(12)))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await bad(permuteAxes(good, ["c", "h", "w"]))).toBe("RMTC_LAYOUT_MISMATCH");
    const layout = good.layout ?? { dtype: "F16" as const, shape: [], axes: [] };
    expect(await bad({ ...good, layout: { ...layout, origin: "bottomLeft" } })).toBe("RMTC_LAYOUT_MISMATCH");
    const elsewhere = { minX: 0, minY: 0, maxX: 3, maxY: 2 };
    expect(await bad({ ...good, layout: { ...layout, dataWindow: elsewhere } })).toBe("RMTC_LAYOUT_MISMATCH");
  });
});

describe("exrPartFromTensor", () => {
  it("is the inverse of exrToTensor", async () => {
    for (const names of [["R", "G", "B"], ["Z"], ["id"]]) {
      const tensor = await exrToTensor(part(), names);
      const made = await exrPartFromTensor(tensor);
      expect(await exrToTensor(made, names)).toEqual(tensor);
    }
  });

  it("starts at 0, 0 without a layout and needs names then", async () => {
    const tensor = tensorOf("F32", [2, 3, 1], new Float32Array(6));
    const made = await exrPartFromTensor(tensor, { names: ["Y"] });
    expect(made.dataWindow).toEqual({ minX: 0, minY: 0, maxX: 2, maxY: 1 });
    expect(await rejectionOf(exrPartFromTensor(tensor))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});

describe("readImage of an EXR file", () => {
  it("gives the tensor that exrToTensor makes, whatever the compression, types and order", async () => {
    const folder = await temporaryFolder();
    for (const compression of ["none", "rle", "zip"] as const) {
      const path = join(folder, `${compression}.exr`);
      await writeExr(path, { parts: [part()] }, { compression });
      const all = inViewOrder(part().channels.keys());
      expect(all).toEqual(["R", "G", "B", "A", "Z", "id"]);
      for (const channels of [["R", "G", "B"], ["A", "B"], ["Z"], ["id"], ["Z", "R"], all]) {
        expect(await readImage(path, { channels })).toEqual(await exrToTensor(part(), channels));
      }
      expect(await readImage(path)).toEqual(await exrToTensor(part(), all));
      expect(await rejectionOf(readImage(path, { channels: ["X"] }))).toBe("RMTC_LAYOUT_MISMATCH");
      expect(await rejectionOf(readImage(path, { part: 1 }))).toBe("RMTC_LAYOUT_MISMATCH");
    }
  });
});
