// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Dtype, TensorLayout } from "@rmtc/spec";
import { convertTensor } from "./convert-tensor.ts";
import { type Tensor, tensorOf } from "./tensor.ts";
import { requireLayout } from "./validate-layout.ts";
import { withoutRange } from "./without-range.ts";

const floats: ReadonlySet<Dtype> = new Set(["F64", "F32", "F16", "BF16"]);

/**
 * Multiplies the colour of an image by its alpha (`associated`), or divides it (`unassociated`).
 *
 * Channels whose last name is R, G, B or Y are colour; the alpha of a layer is its channel A, else that of the
 * image. Where alpha is 0 colour stays what it is, so that glows come back. A value is computed in double
 * precision and rounded to `dtype` once: from F16 to F32, or from F32 to F64, associating is exact, and so is
 * the way back.
 *
 * @throws RMTC_LAYOUT_MISMATCH when the tensor has no layout that fits, or one without alpha or its channels.
 * @throws RMTC_FORMAT_UNSUPPORTED when a type is not F64, F32, F16 or BF16; convert integers to floats first.
 */
export function convertAlpha(
  tensor: Tensor,
  alpha: "associated" | "unassociated",
  dtype: Dtype = tensor.dtype,
): Tensor {
  const layout = requireLayout(tensor);
  const unsuited = [tensor.dtype, dtype].find((type) => !floats.has(type));
  if (unsuited !== undefined) {
    throw new RmtcError("RMTC_FORMAT_UNSUPPORTED", `${unsuited} holds no fractions to be scaled by alpha.`);
  }
  const pairs = colorAndAlpha(layout);
  if (layout.alpha === alpha) return convertTensor(tensor, dtype);
  const wide = convertTensor(tensor, "F64").data as Float64Array;
  const scaled = Float64Array.from(wide);
  const axis = layout.axes.indexOf("c");
  const inner = layout.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const pixelWords = (layout.shape[axis] as number) * inner;
  for (let start = 0; start < wide.length; start += pixelWords) {
    for (const [color, cover] of pairs) {
      for (let i = 0; i < inner; i++) {
        const at = start + color * inner + i;
        const value = wide[at] as number;
        const coverage = wide[start + cover * inner + i] as number;
        if (coverage !== 0) scaled[at] = alpha === "associated" ? value * coverage : value / coverage;
      }
    }
  }
  const made = tensorOf("F64", tensor.shape, scaled, { ...withoutRange(layout), dtype: "F64", alpha });
  return convertTensor(made, dtype);
}

/** Gives the place of each colour channel with that of its alpha. */
function colorAndAlpha({ alpha, channels }: TensorLayout): [color: number, alpha: number][] {
  if (alpha === undefined || alpha === "none" || channels === undefined) {
    throw new RmtcError("RMTC_LAYOUT_MISMATCH", "An image needs named channels and an alpha among them.");
  }
  return channels.flatMap((name, color) => {
    const layer = name.slice(0, name.lastIndexOf(".") + 1);
    if (!/^[RGBY]$/.test(name.slice(layer.length))) return [];
    const own = channels.indexOf(`${layer}A`);
    const cover = own < 0 ? channels.indexOf("A") : own;
    if (cover >= 0) return [[color, cover]];
    throw new RmtcError(
      "RMTC_LAYOUT_MISMATCH",
      `Channel "${name}" has no alpha among ${channels.join(", ")}.`,
    );
  });
}
