// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TensorLayout } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flipOrigin, permuteAxes, requireLayout, validateLayout } from "../src/index.ts";
import { counting, numbersOf } from "./any-tensor.ts";
import { codeOf } from "./refusal.ts";

function picture(height: number, width: number, channels: number): ReturnType<typeof counting> {
  const layout: TensorLayout = {
    dtype: "F32",
    shape: [height, width, channels],
    axes: ["h", "w", "c"],
    channels: Array.from({ length: channels }, (_, index) => `C${index}`),
    origin: "topLeft",
    dataWindow: { minX: -3, minY: 7, maxX: width - 4, maxY: height + 6 },
  };
  return counting(layout.shape, layout);
}

describe("permuteAxes", () => {
  it("makes HWC to CHW and back without a change", () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(6)), ([height, width, channels]) => {
        const image = picture(height + 1, width + 1, channels + 1);
        const planes = permuteAxes(image, ["c", "h", "w"]);
        expect(planes.shape).toEqual([channels + 1, height + 1, width + 1]);
        expect(planes.layout?.axes).toEqual(["c", "h", "w"]);
        expect(permuteAxes(planes, ["h", "w", "c"])).toEqual(image);
      }),
    );
  });

  it("refuses labels that are not those of the tensor", () => {
    const image = picture(2, 2, 3);
    expect(codeOf(() => permuteAxes(image, ["n", "h", "w"]))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => permuteAxes(image, ["h", "w"]))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => permuteAxes(image, ["h", "h", "w"]))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(codeOf(() => permuteAxes(counting([2]), ["w"]))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});

describe("flipOrigin", () => {
  it("turns the rows over and names the new origin, whatever comes before the rows", () => {
    const image = permuteAxes(picture(3, 2, 2), ["c", "h", "w"]);
    const flipped = flipOrigin(image);
    expect(flipped.layout?.origin).toBe("bottomLeft");
    expect(numbersOf(flipped)).toEqual([8, 10, 4, 6, 0, 2, 9, 11, 5, 7, 1, 3]);
    expect(flipOrigin(flipped)).toEqual(image);
  });

  it("refuses a tensor without rows or origin", () => {
    const layout: TensorLayout = { dtype: "F32", shape: [2], axes: ["w"], origin: "topLeft" };
    expect(codeOf(() => flipOrigin(counting([2], layout)))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});

describe("validateLayout", () => {
  const image = picture(2, 3, 4);
  const good = requireLayout(image);

  it("finds nothing wrong with a layout that fits", () => {
    expect(validateLayout(good, image)).toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["another element type", { dtype: "F16" }],
    ["another shape", { shape: [2, 3, 5] }],
    ["another number of axes", { axes: ["h", "w"] }],
    ["a label twice", { axes: ["h", "h", "c"] }],
    ["a label of no register", { axes: ["H", "W", "C"] }],
    ["too few channels", { channels: ["R"] }],
    ["a data window of another size", { dataWindow: { minX: 0, minY: 0, maxX: 2, maxY: 2 } }],
    ["a field that is not of the standard", { colour: "sRGB" }],
  ])("says what is wrong with %s", (_, change) => {
    expect(validateLayout({ ...good, ...change } as TensorLayout, image)).toMatch(/layout|window/i);
  });
});
