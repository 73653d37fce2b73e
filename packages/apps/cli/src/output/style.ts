// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output, unless it is no terminal or `NO_COLOR` is set. */
export function style(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Colours text for standard error. */
export function styleError(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}
