// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type DocumentIssue, type TensorLayout, validateDocument } from "@rmtc/spec";
import { agrees, axisSize } from "./axis-size.ts";
import { findQuantityIssue } from "./quantity-issue.ts";

/**
 * Gives the first thing that is wrong with a layout by itself, or `undefined`: its schema first, then the rules
 * that a schema cannot state.
 *
 * A size of 0 is taken as open, as in the layouts of a network's inputs, and agrees with any other size.
 *
 * @see spec/draft/tensor-layout.md
 */
export function findLayoutIssue(layout: unknown): DocumentIssue | undefined {
  const issue = validateDocument("tensorLayout", layout);
  return issue ?? findRuleIssue(layout as TensorLayout);
}

/**
 * Takes an untrusted value for a layout once nothing is wrong with it.
 *
 * @throws RMTC_DOCUMENT_INVALID with the pointer to the first value that breaks a rule.
 */
export function parseLayout(value: unknown): TensorLayout {
  const issue = findLayoutIssue(value);
  if (issue === undefined) return value as TensorLayout;
  throw new RmtcError("RMTC_DOCUMENT_INVALID", `A tensor layout ${issue.message} at "${issue.pointer}".`, {
    pointer: issue.pointer,
  });
}

function findRuleIssue(layout: TensorLayout): DocumentIssue | undefined {
  const { axes, shape, channels, frames, valueRange } = layout;
  if (axes.length !== shape.length) {
    return { pointer: "/axes", message: `labels ${axes.length} axes where its shape has ${shape.length}` };
  }
  const twice = axes.findIndex((label, axis) => label !== "x" && axes.indexOf(label) !== axis);
  if (twice >= 0) return { pointer: `/axes/${twice}`, message: `labels two axes "${axes[twice]}"` };
  const depth = axisSize(layout, "c");
  if (channels !== undefined && (depth === undefined || !agrees(depth, channels.length))) {
    const found = depth === undefined ? "is not there" : `has ${depth}`;
    return { pointer: "/channels", message: `names ${channels.length} channels where axis "c" ${found}` };
  }
  if (frames !== undefined && !axes.includes("t")) {
    return { pointer: "/frames", message: 'numbers frames without an axis "t"' };
  }
  if (valueRange !== undefined && valueRange.min > valueRange.max) {
    return { pointer: "/valueRange", message: "has a range whose smallest value is the larger one" };
  }
  return findWindowIssue(layout) ?? findQuantityIssue(layout);
}

function findWindowIssue(layout: TensorLayout): DocumentIssue | undefined {
  const { dataWindow } = layout;
  if (dataWindow === undefined) return undefined;
  const width = dataWindow.maxX - dataWindow.minX + 1;
  const height = dataWindow.maxY - dataWindow.minY + 1;
  const [columns, rows] = [axisSize(layout, "w") ?? width, axisSize(layout, "h") ?? height];
  if (agrees(columns, width) && agrees(rows, height)) return undefined;
  const message = `has a data window of ${width}x${height} pixels where the tensor has ${columns}x${rows}`;
  return { pointer: "/dataWindow", message };
}
