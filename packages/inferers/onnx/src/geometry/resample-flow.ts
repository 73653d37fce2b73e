// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type AxisResampling, throughResampling } from "./axis-reach.ts";
import { type Fraction, fraction, fractionFromFloat, toNumber } from "./fraction.ts";
import type { NodeReader } from "./node-reader.ts";
import { type ImageFlow, mapReach } from "./value-flow.ts";

/** Where an element of the result lies among the elements it is made from, in their unit. */
const COORDINATES: Readonly<Record<string, (index: number, scale: number) => number>> = {
  asymmetric: (index, scale) => index / scale,
  half_pixel: (index, scale) => (index + 0.5) / scale - 0.5,
  // These differ from half_pixel only at sizes that no multiple of the stride has.
  half_pixel_symmetric: (index, scale) => (index + 0.5) / scale - 0.5,
  pytorch_half_pixel: (index, scale) => (index + 0.5) / scale - 0.5,
};

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Follows Resize and Upsample by constant factors. @see https://onnx.ai/onnx/operators/onnx__Resize.html */
export function resizeFlow(reader: NodeReader): ImageFlow | undefined {
  const [image] = reader.inputs;
  if (image?.kind !== "image" || reader.has(3) || reader.ints("axes") !== undefined) return undefined;
  if (reader.int("antialias", 0) !== 0) return undefined;
  const isOld = reader.node.opType === "Upsample" || reader.opset < 11;
  const scales = isOld ? (reader.numbers(1) ?? reader.floats("scales")) : reader.numbers(2);
  const taps = tapsOf(reader, isOld);
  if (scales?.length !== image.rank || taps === undefined) return undefined;
  const others = scales.filter((_, axis) => axis !== image.rowAxis && axis !== image.columnAxis);
  const rowScale = fractionFromFloat(scales[image.rowAxis] ?? 0);
  const columnScale = fractionFromFloat(scales[image.columnAxis] ?? 0);
  if (others.some((scale) => scale !== 1) || rowScale === undefined || columnScale === undefined)
    return undefined;
  const along = (scale: Fraction): AxisResampling => ({
    scale,
    taps: (index) => taps(index, toNumber(scale)),
  });
  return mapReach(image, (reach, axis) =>
    throughResampling(reach, along(axis === "rows" ? rowScale : columnScale)),
  );
}

function tapsOf(
  reader: NodeReader,
  isOld: boolean,
): ((index: number, scale: number) => readonly [number, number]) | undefined {
  const mode = reader.text("mode", "nearest");
  const named = reader.text("coordinate_transformation_mode", "half_pixel");
  const coordinate = COORDINATES[isOld ? "asymmetric" : named];
  if (coordinate === undefined) return undefined;
  if (mode === "linear" || (isOld && mode === "bilinear")) {
    return (index, scale) => {
      const x = coordinate(index, scale);
      // On an element exactly, the next one is read all the same, times zero.
      return [Math.floor(x), Math.floor(x) + 1];
    };
  }
  if (mode === "cubic") {
    return (index, scale) => {
      const x = coordinate(index, scale);
      return [Math.floor(x) - 1, Math.floor(x) + 2];
    };
  }
  if (mode !== "nearest") return undefined;
  // The oldest versions leave the rounding open.
  if (isOld) return (index, scale) => [Math.floor(index / scale), Math.ceil(index / scale)];
  const round = NEAREST[reader.text("nearest_mode", "round_prefer_floor")];
  if (round === undefined) return undefined;
  return (index, scale) => {
    const nearest = round(coordinate(index, scale));
    return [nearest, nearest];
  };
}

/** Follows DepthToSpace: a block of pixels comes from the channels of one. */
export function depthToSpaceFlow(reader: NodeReader): ImageFlow | undefined {
  const image = blockImage(reader);
  if (image === undefined) return undefined;
  const size = reader.int("blocksize", 0);
  return mapReach(image, (reach) =>
    throughResampling(reach, {
      scale: fraction(size, 1),
      taps: (index) => [Math.floor(index / size), Math.floor(index / size)],
    }),
  );
}

/** Follows SpaceToDepth: a pixel's channels come from a block of pixels. */
export function spaceToDepthFlow(reader: NodeReader): ImageFlow | undefined {
  const image = blockImage(reader);
  if (image === undefined) return undefined;
  const size = reader.int("blocksize", 0);
  return mapReach(image, (reach) =>
    throughResampling(reach, {
      scale: fraction(1, size),
      taps: (index) => [index * size, index * size + size - 1],
    }),
  );
}

function blockImage(reader: NodeReader): ImageFlow | undefined {
  const [image] = reader.inputs;
  const size = reader.int("blocksize", 0);
  if (image?.kind !== "image" || image.rowAxis !== 2 || image.columnAxis !== 3) return undefined;
  return size >= 1 && size <= 64 ? image : undefined;
}
