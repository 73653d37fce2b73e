// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type AxisWindow, throughTransposedWindow, throughWindow } from "./axis-reach.ts";
import type { NodeReader } from "./node-reader.ts";
import { type ImageFlow, mapReach } from "./value-flow.ts";

/** Larger kernels, strides, dilations and pads are taken for damage. */
const MAX_WINDOW = 65_536;

/** Follows Conv and the pools over an image `[n, c, h, w]`. @see https://onnx.ai/onnx/operators/onnx__Conv.html */
export function windowFlow(reader: NodeReader): ImageFlow | undefined {
  const windows = windowsOf(reader);
  if (windows === undefined) return undefined;
  return mapReach(windows.image, (reach, axis) => throughWindow(reach, windows[axis]));
}

/** Follows ConvTranspose. @see https://onnx.ai/onnx/operators/onnx__ConvTranspose.html */
export function transposedWindowFlow(reader: NodeReader): ImageFlow | undefined {
  const windows = windowsOf(reader);
  const padding = reader.ints("output_padding") ?? [0, 0];
  if (windows === undefined || reader.ints("output_shape") !== undefined) return undefined;
  if (reader.text("auto_pad", "NOTSET").startsWith("SAME") || !padding.every(isSize)) return undefined;
  return mapReach(windows.image, (reach, axis) =>
    throughTransposedWindow(reach, {
      ...windows[axis],
      outputPadding: padding[axis === "rows" ? 0 : 1] ?? 0,
    }),
  );
}

interface Windows {
  readonly image: ImageFlow;
  readonly rows: AxisWindow;
  readonly columns: AxisWindow;
}

function windowsOf(reader: NodeReader): Windows | undefined {
  const [image, weights] = reader.inputs;
  if (image?.kind !== "image" || image.rank !== 4 || image.rowAxis !== 2 || image.columnAxis !== 3)
    return undefined;
  const kernel =
    reader.ints("kernel_shape") ?? (weights?.kind === "constant" ? weights.shape?.slice(2) : undefined);
  const strides = reader.ints("strides") ?? [1, 1];
  const dilations = reader.ints("dilations") ?? [1, 1];
  const pads = reader.ints("pads") ?? [0, 0, 0, 0];
  const autoPad = reader.text("auto_pad", "NOTSET");
  if (kernel?.length !== 2 || strides.length !== 2 || dilations.length !== 2 || pads.length !== 4)
    return undefined;
  if (![...kernel, ...strides, ...dilations].every((value) => value !== 0 && isSize(value))) return undefined;
  if (!pads.every(isSize)) return undefined;
  const along = (index: 0 | 1): AxisWindow | undefined => {
    const window = {
      kernel: kernel[index] ?? 1,
      stride: strides[index] ?? 1,
      dilation: dilations[index] ?? 1,
      roundUp: reader.int("ceil_mode", 0) === 1,
    };
    if (autoPad === "NOTSET") return { ...window, padBegin: pads[index] ?? 0, padEnd: pads[index + 2] ?? 0 };
    if (autoPad === "VALID") return { ...window, padBegin: 0, padEnd: 0 };
    // SAME pads so that there are size / stride results: by the same amount for every multiple of the stride.
    const reach = index === 0 ? image.rows : image.columns;
    if (reach.extra !== 0) return undefined;
    const total = Math.max(window.dilation * (window.kernel - 1) + 1 - window.stride, 0);
    const less = Math.floor(total / 2);
    return autoPad === "SAME_UPPER"
      ? { ...window, padBegin: less, padEnd: total - less }
      : { ...window, padBegin: total - less, padEnd: less };
  };
  const rows = along(0);
  const columns = along(1);
  return rows === undefined || columns === undefined ? undefined : { image, rows, columns };
}

function isSize(value: number | undefined): boolean {
  return value !== undefined && value >= 0 && value <= MAX_WINDOW;
}
