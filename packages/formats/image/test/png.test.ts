// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { isRmtcError } from "@rmtc/contract";
import { type Tensor, tensorOf } from "@rmtc/tensor";
import fc from "fast-check";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { readPng, writePng } from "../src/index.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A PNG file of these chunks, with right lengths and checksums. */
function fileOf(...chunks: (readonly [type: string, data: Uint8Array])[]): Buffer {
  const parts: Uint8Array[] = [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)];
  for (const [type, data] of chunks) {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.byteLength);
    checksum.writeUInt32BE(crc32(body));
    parts.push(length, body, checksum);
  }
  return Buffer.concat(parts);
}

function header(width: number, height: number, depth: number, colorType: number, interlace = 0): Uint8Array {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.set([depth, colorType, 0, 0, interlace], 8);
  return bytes;
}

/** Grey pixels, unfiltered. */
function greyFile(
  width: number,
  height: number,
  depth: number,
  rows: readonly (readonly number[])[],
): Buffer {
  const data = deflateSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])));
  return fileOf(["IHDR", header(width, height, depth, 0)], ["IDAT", data], ["IEND", new Uint8Array()]);
}

function picture(height: number, width: number, channels: number, wide: boolean): Tensor {
  const count = height * width * channels;
  const shape = [height, width, channels];
  return wide
    ? tensorOf(
        "U16",
        shape,
        Uint16Array.from({ length: count }, (_, at) => at * 257 + 3),
      )
    : tensorOf(
        "U8",
        shape,
        Uint8Array.from({ length: count }, (_, at) => at * 7),
      );
}

describe("PNG files", () => {
  it("come back with 8 and 16 bits and one to four channels", async () => {
    const path = join(await temporaryFolder(), "plate.png");
    const size = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (height, width, channels, wide) => {
          const tensor = picture(height, width, channels, wide);
          await writePng(path, tensor);
          const back = await readPng(path);
          expect([back.dtype, back.shape, back.data]).toEqual([tensor.dtype, tensor.shape, tensor.data]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("say in their layout what the samples are", async () => {
    const path = join(await temporaryFolder(), "plate.png");
    await writePng(path, picture(2, 3, 4, true));
    expect((await readPng(path)).layout).toEqual({
      dtype: "U16",
      shape: [2, 3, 4],
      axes: ["h", "w", "c"],
      channels: ["R", "G", "B", "A"],
      origin: "topLeft",
      alpha: "unassociated",
      displayWindow: { minX: 0, minY: 0, maxX: 2, maxY: 1 },
      dataWindow: { minX: 0, minY: 0, maxX: 2, maxY: 1 },
      valueRange: { min: 0, max: 65535 },
    });
  });

  it("of a large size are worked on in another thread, while the event loop turns", async () => {
    const path = join(await temporaryFolder(), "plate.png");
    const tensor = picture(600, 500, 3, true);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await writePng(path, tensor);
    const back = await readPng(path);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(back.data).toEqual(tensor.data);
    const reason = new Error("stop");
    const controller = new AbortController();
    const aborted = readPng(path, { signal: controller.signal });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
  });

  it("of 1, 2 and 4 bits are spread to the whole range", async () => {
    expect(
      (
        await readPng(
          greyFile(10, 2, 1, [
            [0b10110000, 0b01000000],
            [0, 0b11000000],
          ]),
        )
      ).data,
    ).toEqual(Uint8Array.from([255, 0, 255, 255, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]));
    expect((await readPng(greyFile(4, 1, 2, [[0b00011011]]))).data).toEqual(Uint8Array.of(0, 85, 170, 255));
    expect((await readPng(greyFile(3, 1, 4, [[0x0f, 0x80]]))).data).toEqual(Uint8Array.of(0, 255, 136));
  });

  it("with a palette become RGB, or RGBA where it has alpha", async () => {
    const palette = fileOf(
      ["IHDR", header(2, 1, 8, 3)],
      ["PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6)],
      ["IDAT", deflateSync(Uint8Array.of(0, 1, 0))],
      ["IEND", new Uint8Array()],
    );
    expect((await readPng(palette)).data).toEqual(Uint8Array.of(4, 5, 6, 1, 2, 3));
    const alpha = fileOf(
      ["IHDR", header(2, 1, 8, 3)],
      ["PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6)],
      ["tRNS", Uint8Array.of(9)],
      ["IDAT", deflateSync(Uint8Array.of(0, 1, 0))],
      ["IEND", new Uint8Array()],
    );
    expect((await readPng(alpha)).data).toEqual(Uint8Array.of(4, 5, 6, 255, 1, 2, 3, 9));
  });

  it("of true colour may suggest a palette, which changes nothing", async () => {
    const suggested = fileOf(
      ["IHDR", header(1, 1, 8, 2)],
      ["PLTE", Uint8Array.of(9, 9, 9)],
      ["IDAT", deflateSync(Uint8Array.of(0, 1, 2, 3))],
      ["IEND", new Uint8Array()],
    );
    expect((await readPng(suggested)).data).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("that are interlaced are read", async () => {
    const data = Uint8Array.from({ length: 11 * 9 * 3 }, (_, at) => at * 3);
    const bytes = encode({ width: 11, height: 9, channels: 3, data }, { interlace: "Adam7" });
    expect((await readPng(bytes)).data).toEqual(data);
  });

  it("are refused when they are no PNG files, cut off, damaged or bombs", async () => {
    const good = greyFile(4, 2, 8, [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    const parts = (idat: Uint8Array, head = header(4, 2, 8, 0)): Buffer =>
      fileOf(["IHDR", head], ["IDAT", idat], ["IEND", new Uint8Array()]);
    const flipped = Buffer.from(good);
    flipped[50] = (flipped[50] ?? 0) ^ 1;
    const bad: readonly Uint8Array[] = [
      Buffer.from("no picture at all, but long enough for a header"),
      new Uint8Array(),
      flipped,
      parts(Uint8Array.of(1, 2, 3)),
      parts(deflateSync(new Uint8Array(9))),
      parts(deflateSync(new Uint8Array(11))),
      parts(deflateSync(new Uint8Array(50_000_000))),
      parts(deflateSync(Uint8Array.of(9, 1, 1, 1, 1, 0, 1, 1, 1, 1))),
      parts(deflateSync(new Uint8Array(10)), header(0, 2, 8, 0)),
      parts(deflateSync(new Uint8Array(10)), header(4, 2, 3, 0)),
      parts(deflateSync(new Uint8Array(10)), header(4, 2, 8, 5)),
      parts(deflateSync(new Uint8Array(10)), header(4, 2, 8, 0, 2)),
      fileOf(["IDAT", deflateSync(new Uint8Array(10))], ["IEND", new Uint8Array()]),
      fileOf(
        ["IHDR", header(4, 2, 8, 0)],
        ["IHDR", header(9, 9, 8, 0)],
        ["IDAT", deflateSync(new Uint8Array(10))],
        ["IEND", new Uint8Array()],
      ),
      fileOf(
        ["IHDR", header(4, 2, 8, 3)],
        ["IDAT", deflateSync(new Uint8Array(10))],
        ["IEND", new Uint8Array()],
      ),
      fileOf(
        ["IHDR", header(4, 2, 8, 3)],
        ["PLTE", Uint8Array.of(1, 2, 3)],
        ["IDAT", deflateSync(Uint8Array.of(0, 9, 9, 9, 9, 0, 9, 9, 9, 9))],
        ["IEND", new Uint8Array()],
      ),
    ];
    for (const [index, bytes] of bad.entries()) {
      expect.soft(await rejectionOf(readPng(bytes)).catch(String), `${index}`).toBe("RMTC_FORMAT_INVALID");
    }
    for (let length = 0; length < good.byteLength; length++) {
      expect(await rejectionOf(readPng(good.subarray(0, length)))).toBe("RMTC_FORMAT_INVALID");
    }
    expect(await rejectionOf(readPng(good, { maxPixels: 7 }))).toBe("RMTC_LIMIT_EXCEEDED");
    const keyed = fileOf(
      ["IHDR", header(1, 1, 8, 0)],
      ["tRNS", new Uint8Array(2)],
      ["IDAT", deflateSync(new Uint8Array(2))],
      ["IEND", new Uint8Array()],
    );
    expect(await rejectionOf(readPng(keyed))).toBe("RMTC_FORMAT_UNSUPPORTED");
  });

  it("are read or refused whatever is changed in them, also behind right checksums", async () => {
    const change = fc.tuple(fc.nat(80), fc.nat(255));
    const bytes = greyFile(4, 2, 16, [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [8, 7, 6, 5, 4, 3, 2, 1],
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.uint8Array({ maxLength: 12 }),
        async (changes, idat) => {
          const copy = Buffer.from(bytes);
          for (const [at, value] of changes) copy[at % copy.byteLength] = value;
          const rebuilt = fileOf(
            ["IHDR", copy.subarray(16, 29)],
            ["IDAT", deflateSync(idat)],
            ["IEND", new Uint8Array()],
          );
          for (const candidate of [copy, rebuilt]) {
            await readPng(candidate, { maxPixels: 2 ** 20 }).catch((error: unknown) => {
              if (!isRmtcError(error)) throw error;
            });
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are not written from tensors that they cannot hold", async () => {
    const path = join(await temporaryFolder(), "plate.png");
    await writeFile(path, "old");
    const bad: readonly Tensor[] = [
      tensorOf("F32", [1, 1, 3], new Float32Array(3)),
      tensorOf("U8", [1, 1, 5], new Uint8Array(5)),
      tensorOf("U8", [1, 3], new Uint8Array(3)),
      tensorOf("U8", [0, 1, 3], new Uint8Array()),
      {
        ...picture(1, 1, 4, false),
        layout: { dtype: "U8", shape: [1, 1, 4], axes: ["h", "w", "c"], alpha: "associated" },
      },
    ];
    for (const tensor of bad) expect(await rejectionOf(writePng(path, tensor))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});
