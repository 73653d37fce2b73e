// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { SpatialFrame, TensorLayout } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  convertAlpha,
  convertCameraFrame,
  convertMatrixConvention,
  convertSpace,
  convertTensor,
  elementCount,
  flipOrigin,
  parseLayout,
  permuteAxes,
  reverseWinding,
  type Tensor,
  tensorByteLength,
  tensorBytes,
  tensorFromBytes,
  tensorOf,
} from "../src/index.ts";
import { anyOrder, numbersOf } from "./any-tensor.ts";

const floatTypes = ["F64", "F32", "F16", "BF16"] as const;
const anySize = fc.integer({ min: 1, max: 4 });
const anySpace: fc.Arbitrary<SpatialFrame> = fc.record({
  upAxis: fc.constantFrom("y", "z"),
  handedness: fc.constantFrom("right", "left"),
});
const anyCamera = fc.constantFrom("yUpZBack", "yDownZForward", "yUpZForward");
const anyConvention = fc.constantFrom("columnVector", "rowVector");

/** Random bits, NaNs of every payload among them. */
function withBits(layout: TensorLayout): fc.Arbitrary<Tensor> {
  const length = tensorByteLength(layout.dtype, layout.shape);
  return fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => tensorFromBytes(layout.dtype, layout.shape, bytes, parseLayout(layout)));
}

/** Points or poses, with their axes in any order. */
const anyGeometry = fc
  .record({
    dtype: fc.constantFrom(...floatTypes),
    size: anySize,
    isMatrix: fc.boolean(),
    matrixConvention: anyConvention,
    space: anySpace,
    cameraFrame: anyCamera,
    sides: fc.constantFrom(["camera", "world"], ["world", "camera"], ["object", "world"]),
  })
  .chain(({ dtype, size, isMatrix, matrixConvention, space, cameraFrame, sides: [from, to] }) =>
    withBits(
      isMatrix
        ? {
            dtype,
            shape: [size, 4, 4],
            axes: ["t", "r", "s"],
            quantity: "matrix",
            matrixConvention,
            transform: { from, to } as NonNullable<TensorLayout["transform"]>,
            space,
            cameraFrame,
          }
        : { dtype, shape: [size, 2, 3], axes: ["t", "p", "c"], quantity: "point", space },
    ),
  )
  .chain((tensor) =>
    anyOrder(tensor).map((order) =>
      permuteAxes(
        tensor,
        order.map((axis) => tensor.layout?.axes[axis] ?? ""),
      ),
    ),
  );

function expectSame(made: Tensor, start: Tensor): void {
  expect(made.layout).toEqual(start.layout);
  expect(made.shape).toEqual(start.shape);
  expect(tensorBytes(made)).toEqual(tensorBytes(start));
}

describe("conversions", () => {
  it("of space come back bit by bit, and do not depend on the way taken", () => {
    fc.assert(
      fc.property(anyGeometry, anySpace, anySpace, (start, over, goal) => {
        const made = convertSpace(start, goal);
        expectSame(convertSpace(convertSpace(start, over), goal), made);
        expectSame(convertSpace(made, start.layout?.space as SpatialFrame), start);
      }),
    );
  });

  it("of a camera's axes come back bit by bit, whatever happens to space in between", () => {
    fc.assert(
      fc.property(anyGeometry, anyCamera, anySpace, (start, cameraFrame, space) => {
        fc.pre(start.layout?.quantity === "matrix");
        const from = start.layout.cameraFrame ?? "yUpZBack";
        const one = convertSpace(convertCameraFrame(start, cameraFrame), space);
        expectSame(convertCameraFrame(convertSpace(start, space), cameraFrame), one);
        expectSame(convertCameraFrame(convertCameraFrame(start, cameraFrame), from), start);
      }),
    );
  });

  it("of the matrix convention come back bit by bit, and agree with those of space", () => {
    fc.assert(
      fc.property(anyGeometry, anyConvention, anySpace, (start, convention, space) => {
        fc.pre(start.layout?.quantity === "matrix");
        const made = convertMatrixConvention(start, convention);
        expectSame(
          convertMatrixConvention(convertSpace(start, space), convention),
          convertSpace(made, space),
        );
        expectSame(convertMatrixConvention(made, start.layout.matrixConvention ?? "rowVector"), start);
      }),
    );
  });

  it("of the origin, of motion too, and of the winding come back bit by bit", () => {
    const anyRows = fc
      .record({ dtype: fc.constantFrom(...floatTypes), height: anySize, width: anySize, moves: fc.boolean() })
      .chain(({ dtype, height, width, moves }) =>
        withBits({
          dtype,
          shape: [height, width, 2],
          axes: ["h", "w", "c"],
          origin: "topLeft",
          ...(moves ? { quantity: "motion" } : {}),
        }),
      );
    fc.assert(fc.property(anyRows, (start) => expectSame(flipOrigin(flipOrigin(start)), start)));
    const anyFaces = fc.tuple(anySize, anySize).chain(([faces, corners]) =>
      withBits({
        dtype: "I32",
        shape: [faces, corners],
        axes: ["f", "k"],
        quantity: "index",
        winding: "clockwise",
      }),
    );
    fc.assert(fc.property(anyFaces, (start) => expectSame(reverseWinding(reverseWinding(start)), start)));
  });

  it("move a point of the world to the same place in the image, whatever the frames of reference", () => {
    // Small integers, so that sums and products are exact and any order of operations gives the same.
    const numbers = (length: number): fc.Arbitrary<number[]> =>
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: length, maxLength: length });
    const space: SpatialFrame = { upAxis: "y", handedness: "right" };
    fc.assert(
      fc.property(numbers(12), numbers(3), anySpace, anyCamera, (rows, place, otherSpace, otherCamera) => {
        const pose = tensorOf("F64", [4, 4], Float64Array.from([...rows, 0, 0, 0, 1]), {
          dtype: "F64",
          shape: [4, 4],
          axes: ["r", "s"],
          quantity: "matrix",
          matrixConvention: "columnVector",
          transform: { from: "world", to: "camera" },
          space,
          cameraFrame: "yUpZBack",
        });
        const point = tensorOf("F64", [3], Float64Array.from(place), {
          dtype: "F64",
          shape: [3],
          axes: ["c"],
          quantity: "point",
          space,
        });
        const seen = convertCameraFrame(applied(pose, point), otherCamera);
        const otherPose = convertCameraFrame(convertSpace(pose, otherSpace), otherCamera);
        const other = applied(otherPose, convertSpace(point, otherSpace));
        expect(unsigned(other)).toEqual(unsigned(seen));
      }),
    );
  });
});

/** The elements with every zero positive: a sum of zeros has another sign than each of them may have. */
function unsigned(tensor: Tensor): number[] {
  return numbersOf(tensor).map((value) => value + 0);
}

/** Multiplies a point of the world by a pose, which gives a point of the camera. */
function applied(pose: Tensor, point: Tensor): Tensor {
  const [m, v] = [pose.data as Float64Array, [...(point.data as Float64Array), 1]];
  const sums = [0, 1, 2].map((row) => v.reduce((sum, x, column) => sum + (m[row * 4 + column] ?? 0) * x, 0));
  return tensorOf("F64", [3], Float64Array.from(sums), {
    dtype: "F64",
    shape: [3],
    axes: ["c"],
    quantity: "point",
    cameraFrame: pose.layout?.cameraFrame ?? "yUpZBack",
  });
}

describe("associating alpha", () => {
  it.each([
    ["F16", "F32"],
    ["F32", "F64"],
  ] as const)("from %s into %s comes back with the same values", (narrow, wide) => {
    const shape = [5, 4];
    const layout: TensorLayout = {
      dtype: narrow,
      shape,
      axes: ["w", "c"],
      channels: ["R", "G", "B", "A"],
      alpha: "unassociated",
    };
    const anyValue = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true, max: 65000, min: -65000 }),
      fc.float({ noNaN: true, min: Math.fround(-1e-6), max: Math.fround(1e-6) }),
      fc.constant(0),
    );
    const count = elementCount(shape);
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: count, maxLength: count }), (values) => {
        const start = convertTensor(
          tensorOf("F32", shape, Float32Array.from(values), { ...layout, dtype: "F32" }),
          narrow,
        );
        const back = convertAlpha(convertAlpha(start, "associated", wide), "unassociated", narrow);
        expectSame(back, start);
      }),
      { numRuns: 1000 },
    );
  });
});
