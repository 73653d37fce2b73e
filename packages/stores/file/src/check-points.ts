// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type MetricPoint, RmtcError } from "@rmtc/contract";

const notFinite: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** @throws RMTC_VALUE_INVALID with a pointer to the first thing that is wrong with a batch. */
export function checkPoints(points: readonly MetricPoint[]): void {
  for (const [index, { key, step, value, at }] of points.entries()) {
    if (
      typeof key !== "string" ||
      key === "" ||
      key.length > 250 ||
      !key.isWellFormed() ||
      key.includes("\0")
    ) {
      throw invalid(index, "key", "must be a text of 1 to 250 characters");
    }
    if (!Number.isSafeInteger(step) || step < 0) throw invalid(index, "step", "must be an integer from 0 on");
    if (!Number.isFinite(value) && !notFinite.includes(value)) {
      throw invalid(index, "value", 'must be a finite number, "NaN", "Infinity" or "-Infinity"');
    }
    if (typeof at !== "string" || !timestamp.test(at)) {
      throw invalid(index, "at", "must be a time of the form YYYY-MM-DDThh:mm:ss.sssZ");
    }
  }
}

function invalid(index: number, field: string, reason: string): RmtcError {
  const pointer = `/points/${index}/${field}`;
  return new RmtcError("RMTC_VALUE_INVALID", `"${pointer}" ${reason}; nothing was logged.`, { pointer });
}
