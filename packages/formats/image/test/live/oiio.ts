// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";

/** The program of OpenImageIO that is the oracle here; Debian has it in openimageio-tools. */
const oiiotool = process.env.RMTC_OIIOTOOL ?? "oiiotool";

/** Runs oiiotool and gives what it prints; fails when it is missing, complains or cannot read a file. */
export function oiio(...args: readonly string[]): string {
  return execFileSync(oiiotool, args, { encoding: "utf8", maxBuffer: 2 ** 28, timeout: 60_000 });
}

/** What oiiotool says of one channel: its samples, row by row, as the numbers it prints. */
export interface DumpedImage {
  readonly channels: readonly string[];
  readonly pixels: readonly (readonly number[])[];
}

/** Reads all samples of the first part with oiiotool. Half floats come out exactly; floats to seven digits. */
export function dump(path: string): DumpedImage {
  const lines = oiio("-v", "--info", path, "--dumpdata", path).split("\n");
  const list = lines.find((line) => line.includes("channel list:"))?.split("channel list:")[1] ?? "";
  const channels = list.split(",").map((name) => name.trim().split(" ")[0] ?? "");
  const pixels = lines
    .map((line) => /Pixel \(-?\d+, -?\d+\): (.*?)(?: \(.*\))?$/.exec(line)?.[1])
    .filter((numbers) => numbers !== undefined)
    .map((numbers) => numbers.trim().split(/\s+/).map(Number));
  return { channels, pixels };
}
