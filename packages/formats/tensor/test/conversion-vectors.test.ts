// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { SpatialFrame, TensorLayout } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import {
  convertAlpha,
  convertCameraFrame,
  convertMatrixConvention,
  convertSpace,
  convertTensor,
  flipOrigin,
  permuteAxes,
  reverseWinding,
  type Tensor,
  tensorBytes,
} from "../src/index.ts";
import { codeOf } from "./refusal.ts";
import { type Vector, type VectorData, vectorsOf, vectorTensor } from "./vector-file.ts";

interface VectorTensor extends VectorData {
  readonly layout: TensorLayout;
}

interface ConversionVector extends Vector {
  readonly tensor: VectorTensor;
  readonly to: Partial<TensorLayout>;
  readonly result?: VectorTensor;
  readonly exact?: boolean;
}

function tensorOf({ layout, ...data }: VectorTensor): Tensor {
  return vectorTensor(layout.dtype, layout.shape, data, layout);
}

/** Makes the conversion that the fields of `to` ask for. */
function converted(tensor: Tensor, to: Partial<TensorLayout>): Tensor {
  if (to.alpha === "associated" || to.alpha === "unassociated") {
    return convertAlpha(tensor, to.alpha, to.dtype);
  }
  if (to.dtype !== undefined) return convertTensor(tensor, to.dtype);
  if (to.axes !== undefined) return permuteAxes(tensor, to.axes);
  if (to.origin !== undefined) return flipOrigin(tensor);
  if (to.matrixConvention !== undefined) return convertMatrixConvention(tensor, to.matrixConvention);
  if (to.space !== undefined) return convertSpace(tensor, to.space as SpatialFrame);
  if (to.cameraFrame !== undefined) return convertCameraFrame(tensor, to.cameraFrame);
  if (to.winding !== undefined) return reverseWinding(tensor);
  throw new Error(`There is no conversion to ${JSON.stringify(to)}.`);
}

describe("the vectors of conversions", () => {
  it.each(vectorsOf<ConversionVector>("tensor-conversion.json"))(
    "%s",
    (_, { tensor, to, result, exact, code }) => {
      const start = tensorOf(tensor);
      if (result === undefined) {
        expect(codeOf(() => converted(start, to))).toBe(code);
        return;
      }
      const made = converted(start, to);
      expect(made.layout).toEqual(result.layout);
      expect(tensorBytes(made)).toEqual(tensorBytes(tensorOf(result)));
      if (exact !== true) return;
      const names = Object.keys(to) as (keyof TensorLayout)[];
      const back = converted(made, Object.fromEntries(names.map((name) => [name, tensor.layout[name]])));
      expect(back.layout).toEqual(tensor.layout);
      expect(tensorBytes(back)).toEqual(tensorBytes(start));
    },
  );
});
