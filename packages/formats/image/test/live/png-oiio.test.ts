// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { expect, it } from "vitest";
import { readExr, readPng, writePng } from "../../src/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { oiio } from "./oiio.ts";

it.each([
  ["uint8", 1],
  ["uint8", 3],
  ["uint8", 4],
  ["uint16", 1],
  ["uint16", 2],
  ["uint16", 3],
  ["uint16", 4],
])("reads and writes PNG files of %s and %i channels as oiiotool does", async (type, channels) => {
  const folder = await temporaryFolder();
  const [from, to, exact] = ["from.png", "to.png", "exact.exr"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  // Opaque, so that nobody has a reason to divide colour by alpha.
  const color = channels === 2 ? "0.2,1" : channels === 4 ? "0.2,0.5,0.7,1" : "0.2,0.5,0.7";
  oiio(
    "--pattern",
    `constant:color=${color}`,
    "37x21",
    `${channels}`,
    "--box:color=1,1,1,1:fill=1",
    "3,4,20,9",
    "-d",
    type,
    "-o",
    from,
  );
  const tensor = await readPng(from);
  expect(tensor.shape).toEqual([21, 37, channels]);
  await writePng(to, tensor);
  expect(oiio(from, to, "--fail", "0", "--hardfail", "0", "--diff")).toContain("PASS");
  oiio(from, "--ch", "0", "--chnames", "Y", "-d", "float", "-o", exact);
  const seen = (await readExr(exact)).parts[0]?.channels.get("Y")?.data ?? [];
  const largest = type === "uint8" ? 255 : 65535;
  for (let pixel = 0; pixel < 21 * 37; pixel++) {
    expect(Math.round(Number(seen[pixel]) * largest)).toBe(Number(tensor.data[pixel * channels]));
  }
});
