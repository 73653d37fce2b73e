// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";

/** How ONNX Runtime words what went wrong, most telling first. */
const LOADING: readonly (readonly [RegExp, RmtcErrorCode])[] = [
  [/bad allocation|bad_alloc|failed to allocate/i, "RMTC_LIMIT_EXCEEDED"],
  [
    /not implemented|is not a registered function|could not find an implementation|unsupported model ir/i,
    "RMTC_GRAPH_UNSUPPORTED",
  ],
  [
    /opset .* is under development|no op registered|unrecognized attribute|unsupported/i,
    "RMTC_GRAPH_UNSUPPORTED",
  ],
];

const RUNNING: readonly (readonly [RegExp, RmtcErrorCode])[] = [
  [/bad allocation|bad_alloc|failed to allocate/i, "RMTC_LIMIT_EXCEEDED"],
  [/invalid rank|got invalid dimensions|unexpected input data type|missing input/i, "RMTC_LAYOUT_MISMATCH"],
];

/** Converts what ONNX Runtime threw while it loaded the network at `path`. */
export function loadingError(error: unknown, path: string): RmtcError {
  const text = textOf(error);
  const code = LOADING.find(([pattern]) => pattern.test(text))?.[1] ?? "RMTC_FORMAT_INVALID";
  return new RmtcError(code, `ONNX Runtime cannot load ${path}: ${text}`, { subject: path, cause: error });
}

/** Converts what ONNX Runtime threw while it ran the network at `path`. */
export function runningError(error: unknown, path: string): RmtcError {
  const text = textOf(error);
  const code = RUNNING.find(([pattern]) => pattern.test(text))?.[1] ?? "RMTC_GRAPH_UNSUPPORTED";
  return new RmtcError(code, `ONNX Runtime cannot run ${path} on these inputs: ${text}`, {
    subject: path,
    cause: error,
  });
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}
