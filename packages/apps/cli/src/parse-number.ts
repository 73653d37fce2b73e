// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/**
 * Reads a whole number in a range.
 *
 * @throws RMTC_OPTION_INVALID when it is none.
 */
export function parseInteger(
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `${name}: "${text}" is no whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? " on" : ` to ${max}`}.`,
    );
  };
}

/**
 * Reads frame numbers such as `1001,1003-1005`.
 *
 * @throws RMTC_OPTION_INVALID when it is no such list, or one of more than a million frames.
 */
export function parseFrames(text: string): Set<number> {
  const frames = new Set<number>();
  for (const range of text.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(range.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last - first > 1_000_000) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `"${range}" is no frame or range of frames such as 1003 or 1009-1022.`,
      );
    }
    for (let frame = first; frame <= last; frame += 1) frames.add(frame);
  }
  return frames;
}
