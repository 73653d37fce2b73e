// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExrImage, exrToBytes, readExr, readExrHeaders } from "../src/index.ts";
import { anyImage, anyPart, bitsOf, compressions, plainPart } from "./any-exr.ts";

/** Everything of an image that can be compared as JSON, samples as bits. */
function contentOf(image: ExrImage): unknown {
  return image.parts.map(({ channels, attributes, compression: _, ...info }) => ({
    ...info,
    attributes: [...attributes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { type, bytes }]) => [name, type, [...bytes]]),
    channels: [...channels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { type, data, linear }]) => [name, type, linear, [...bitsOf(data)]]),
  }));
}

describe("EXR files", () => {
  it("come back with every part, channel, sample bit, window and attribute", async () => {
    await fc.assert(
      fc.asyncProperty(anyImage(24), async (image) => {
        const bytes = await exrToBytes(image);
        const back = await readExr(bytes);
        expect(contentOf(back)).toEqual(contentOf(image));
        expect(back.parts.map(({ compression }) => compression)).toEqual(
          image.parts.map(({ compression }) => compression),
        );
        expect(await exrToBytes(back)).toEqual(bytes);
      }),
      { numRuns: 150 },
    );
  });

  it("hold the same samples however they are compressed and on however many threads", async () => {
    await fc.assert(
      fc.asyncProperty(anyPart(40), async (part) => {
        for (const compression of compressions) {
          const one = await exrToBytes({ parts: [part] }, { compression, threads: 1 });
          expect(await exrToBytes({ parts: [part] }, { compression, threads: 3 })).toEqual(one);
          expect(contentOf(await readExr(one, { threads: 1 }))).toEqual(contentOf({ parts: [part] }));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("go through the pool the same, when their chunks are large enough for it", async () => {
    const part = plainPart(700, 50, { R: "half", G: "half", B: "half", Z: "float", id: "uint" });
    const one = await exrToBytes({ parts: [part] }, { threads: 1 });
    const many = await exrToBytes({ parts: [part] }, { threads: 4 });
    expect(many).toEqual(one);
    expect(contentOf(await readExr(one, { threads: 4 }))).toEqual(contentOf({ parts: [part] }));
  });

  it("keep names of 255 bytes and refuse longer ones", async () => {
    const part = plainPart(1, 1, { ["ü".repeat(127)]: "half" });
    const [header] = await readExrHeaders(await exrToBytes({ parts: [part] }));
    expect(header?.channels[0]?.name).toBe("ü".repeat(127));
    const long = plainPart(1, 1, { ["ü".repeat(128)]: "half" });
    await expect(exrToBytes({ parts: [long] })).rejects.toThrow(/255 bytes/);
  });

  it("list their channels in byte order, whatever order they were given in", async () => {
    const part = plainPart(2, 2, { a: "half", Z: "half", É: "half", B: "half" });
    const [header] = await readExrHeaders(await exrToBytes({ parts: [part] }));
    expect(header?.channels.map(({ name }) => name)).toEqual(["B", "Z", "a", "É"]);
  });
});
