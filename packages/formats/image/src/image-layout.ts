// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, TensorLayout } from "@rmtc/spec";
import { decodeAttribute } from "./exr/attribute.ts";
import { type ExrPartInfo, type ExrPixelType, windowSize } from "./exr/exr-image.ts";

const viewOrder = ["R", "G", "B", "A", "Y", "RY", "BY", "X", "Z"];

/** The pattern that the tensor-layout schema asks of a colour interop id. */
const colorInteropIdPattern = /^[a-z0-9_.-]+(:[a-z0-9_.-]+){0,2}$/;

/** Sorts channel names as people read them: layer by layer, red, green, blue and alpha first in each. */
export function inViewOrder(names: Iterable<string>): string[] {
  const rank = (name: string): number => {
    const place = viewOrder.indexOf(lastPart(name));
    return place < 0 ? viewOrder.length : place;
  };
  return [...names].sort(
    (a, b) => compare(layerOf(a), layerOf(b)) || rank(a) - rank(b) || compare(lastPart(a), lastPart(b)),
  );
}

/** Gives the smallest element type that holds samples of all these types exactly. */
export function commonDtype(types: Iterable<ExrPixelType>): Dtype {
  const present = new Set(types);
  if (present.has("uint")) return present.size === 1 ? "U32" : "F64";
  return present.has("float") ? "F32" : "F16";
}

/**
 * Describes an interleaved tensor of some channels of a part: HWC, from the top left, alpha associated as
 * OpenEXR has it, and the colour interop id that the part declares where colour is among the channels.
 */
export function exrLayout(info: ExrPartInfo, channels: readonly string[], dtype: Dtype): TensorLayout {
  const { width, height } = windowSize(info.dataWindow);
  const last = channels.map(lastPart);
  const hasColor = last.some((name) => ["R", "G", "B", "Y"].includes(name));
  const colorInteropId = hasColor ? colorInteropIdOf(info) : undefined;
  return {
    dtype,
    shape: [height, width, channels.length],
    axes: ["h", "w", "c"],
    channels: [...channels],
    origin: "topLeft",
    alpha: last.includes("A") ? "associated" : "none",
    displayWindow: { ...info.displayWindow },
    dataWindow: { ...info.dataWindow },
    ...(info.pixelAspectRatio > 0 && Number.isFinite(info.pixelAspectRatio)
      ? { pixelAspectRatio: info.pixelAspectRatio }
      : {}),
    ...(colorInteropId === undefined ? {} : { colorInteropId }),
  };
}

/** Reads the attribute `colorInteropID`; one that is no such id counts as missing. */
export function colorInteropIdOf(info: ExrPartInfo): string | undefined {
  const attribute = info.attributes.get("colorInteropID");
  const value = attribute?.type === "string" ? decodeAttribute(attribute) : undefined;
  return typeof value === "string" && colorInteropIdPattern.test(value) ? value : undefined;
}

/**
 * Checks that a tensor is an image in interchange layout and gives its sizes.
 *
 * @throws RMTC_LAYOUT_MISMATCH when it is not HWC from the top left.
 */
export function imageShape(
  shape: readonly number[],
  layout: TensorLayout | undefined,
): { readonly width: number; readonly height: number; readonly channels: number } {
  const [height, width, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined || shape.length !== 3) {
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", `An image has shape [h, w, c]; this tensor has [${shape}].`);
  }
  if (layout !== undefined && layout.axes.join() !== "h,w,c") {
    const message = `An image is HWC; this tensor is ${layout.axes.join(",")}. Bring it there with permuteAxes.`;
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", message);
  }
  if (layout?.origin === "bottomLeft") {
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      "The image starts at the bottom left. Turn it with flipOrigin.",
    );
  }
  return { width, height, channels };
}

function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
