// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { SpatialFrame, TensorLayout } from "@rmtc/spec";
import { directions } from "./quantity-issue.ts";
import { rearrangeSlices, type SliceSource } from "./rearrange-slices.ts";
import type { Tensor } from "./tensor.ts";
import { requireLayout } from "./validate-layout.ts";
import { withoutRange } from "./without-range.ts";

type CameraFrame = NonNullable<TensorLayout["cameraFrame"]>;

/** Where x, y and z point: 1 right, 2 up, 3 back, and the other way where negative. */
type Frame = readonly [number, number, number];

/** The frames of world and object space, by handedness and up axis. */
const spaces: Readonly<Record<`${SpatialFrame["handedness"]} ${SpatialFrame["upAxis"]}`, Frame>> = {
  "right y": [1, 2, 3],
  "right z": [1, -3, 2],
  "left y": [1, 2, -3],
  "left z": [1, 3, 2],
};

const cameras: Readonly<Record<CameraFrame, Frame>> = {
  yUpZBack: [1, 2, 3],
  yDownZForward: [1, -2, -3],
  yUpZForward: [1, 2, -3],
};

/**
 * Brings points, vectors, normals or a matrix into world or object axes of another handedness or up axis, exactly.
 *
 * Components change places and signs, and nothing is computed, so that the way back gives the same bits.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, is not given in such axes, or `space`
 * has another unit, whose change would round.
 */
export function convertSpace(tensor: Tensor, space: SpatialFrame): Tensor {
  const layout = requireLayout(tensor);
  const present = layout.space;
  const { metersPerUnit = present?.metersPerUnit } = space;
  if (present === undefined || metersPerUnit !== present.metersPerUnit) {
    const found =
      present === undefined ? "has no space" : `is in units of ${present.metersPerUnit ?? "unknown"} m`;
    throw mismatch(`The tensor ${found}; it cannot be brought into ${JSON.stringify(space)}.`);
  }
  const { upAxis, handedness } = space;
  const sources = between(
    spaces[`${present.handedness} ${present.upAxis}`],
    spaces[`${handedness} ${upAxis}`],
  );
  const made = turned(tensor, layout, sources, ["world", "object"]);
  return { ...made, layout: { ...withoutRange(layout), space: { ...present, upAxis, handedness } } };
}

/**
 * Brings points, vectors, normals or a matrix from one camera's axes to those that another program uses, exactly.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or is not given in a camera's axes.
 */
export function convertCameraFrame(tensor: Tensor, cameraFrame: CameraFrame): Tensor {
  const layout = requireLayout(tensor);
  if (layout.cameraFrame === undefined) throw mismatch("The tensor is not given in the axes of a camera.");
  const made = turned(tensor, layout, between(cameras[layout.cameraFrame], cameras[cameraFrame]), ["camera"]);
  return { ...made, layout: { ...withoutRange(layout), cameraFrame } };
}

/** Says for x, y and z of the frame `to` which of `from` they are. */
function between(from: Frame, to: Frame): SliceSource[] {
  return to.map((direction) => {
    const source = from.findIndex((other) => Math.abs(other) === Math.abs(direction));
    return { from: source, negate: from[source] !== direction };
  });
}

/** Turns the components, or the sides of a matrix that lie in one of `names`. */
function turned(
  tensor: Tensor,
  layout: TensorLayout,
  sources: readonly SliceSource[],
  names: readonly string[],
): Tensor {
  const { quantity, transform, matrixConvention, axes } = layout;
  if (directions.has(quantity)) return rearrangeSlices(tensor, axes.indexOf("c"), sources);
  if (quantity !== "matrix" || transform === undefined) {
    throw mismatch("Only points, vectors, normals and matrices change with their axes.");
  }
  // A matrix that multiplies columns has what comes out along its rows, and what goes in along its columns.
  const [output, input] = matrixConvention === "columnVector" ? ["r", "s"] : ["s", "r"];
  const outward = names.includes(transform.to)
    ? rearrangeSlices(tensor, axes.indexOf(output), sources)
    : tensor;
  return names.includes(transform.from) ? rearrangeSlices(outward, axes.indexOf(input), sources) : outward;
}

function mismatch(message: string): RmtcError {
  return new RmtcError("RMTC_LAYOUT_MISMATCH", message);
}
