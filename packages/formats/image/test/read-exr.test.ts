// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type ExrPart,
  encodeAttribute,
  exrToBytes,
  readExr,
  readExrHeaders,
  writeExr,
} from "../src/index.ts";
import { plainPart } from "./any-exr.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const rgbz = { R: "half", G: "half", B: "half", Z: "float" } as const;

/** The bytes of a file with one attribute's bytes changed. */
async function withAttribute(part: ExrPart, name: string, change: (bytes: Buffer) => void): Promise<Buffer> {
  const bytes = Buffer.from(await exrToBytes({ parts: [part] }));
  const at = bytes.indexOf(`${name}\0`, 8, "latin1");
  const type = bytes.indexOf(0, at + name.length + 1);
  const size = bytes.readInt32LE(type + 1);
  change(bytes.subarray(type + 5, type + 5 + size));
  return bytes;
}

describe("readExr", () => {
  it("reads only the channels and parts that are asked for", async () => {
    const parts = [
      plainPart(5, 4, rgbz, { name: "beauty" }),
      plainPart(5, 4, { "matte.A": "half" }, { name: "mattes" }),
    ];
    const bytes = await exrToBytes({ parts });
    const both = await readExr(bytes, { channels: ["G", "matte.A"] });
    expect(both.parts.map(({ name, channels }) => [name, [...channels.keys()]])).toEqual([
      ["beauty", ["G"]],
      ["mattes", ["matte.A"]],
    ]);
    const second = await readExr(bytes, { parts: [1] });
    expect(second.parts.map(({ name }) => name)).toEqual(["mattes"]);
    expect(await rejectionOf(readExr(bytes, { parts: [1], channels: ["R"] }))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await rejectionOf(readExr(bytes, { parts: [2] }))).toBe("RMTC_LAYOUT_MISMATCH");
  });

  it("names the channels there are when one is missing", async () => {
    const bytes = await exrToBytes({ parts: [plainPart(2, 2, rgbz)] });
    await expect(readExr(bytes, { channels: ["R", "A"] })).rejects.toThrow(
      /no channel "A"; it has B, G, R, Z/,
    );
  });

  it("reads a header that is longer than the first read, and no further", async () => {
    const path = join(await temporaryFolder(), "long.exr");
    const attributes = new Map([["notes", encodeAttribute("string", "n".repeat(300_000))]]);
    await writeExr(path, { parts: [plainPart(3, 2, rgbz, { attributes })] });
    await appendFile(path, "what comes behind the picture is not looked at");
    const [header] = await readExrHeaders(path);
    expect(header?.attributes.get("notes")?.bytes.byteLength).toBe(300_000);
    expect((await readExr(path)).parts[0]?.channels.size).toBe(4);
  });

  it("names the file in what it refuses", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "plate.exr");
    await writeFile(path, "no picture");
    await expect(readExr(path)).rejects.toThrow(`${path}: The file does not start as an EXR file does.`);
    expect(await rejectionOf(readExrHeaders(path))).toBe("RMTC_FORMAT_INVALID");
    expect(await rejectionOf(readExr(join(folder, "none.exr")))).toBe("RMTC_NOT_FOUND");
    expect(await rejectionOf(readExr(folder))).toBe("RMTC_NOT_FOUND");
  });

  it("refuses what it does not read, and says how to convert it", async () => {
    const part = plainPart(4, 4, { R: "half" });
    for (const code of [4, 5, 6, 7, 8, 9, 10, 11]) {
      const bytes = await withAttribute(part, "compression", (value) => value.fill(code));
      expect(await rejectionOf(readExr(bytes))).toBe("RMTC_FORMAT_UNSUPPORTED");
      await expect(readExr(bytes)).rejects.toThrow("oiiotool in.exr --compression zip -o out.exr");
      expect(await readExrHeaders(bytes)).toHaveLength(1);
    }
    const unknown = await withAttribute(part, "compression", (value) => value.fill(99));
    expect(await rejectionOf(readExr(unknown))).toBe("RMTC_FORMAT_UNSUPPORTED");
    const subsampled = await withAttribute(part, "channels", (value) => value.writeInt32LE(2, 10));
    await expect(readExr(subsampled)).rejects.toThrow('subsampled in channel "R"');
    const deep = Buffer.from(await exrToBytes({ parts: [plainPart(2, 2, rgbz)] }));
    deep.writeInt32LE(2 | 0x4000, 4);
    expect(await rejectionOf(readExr(deep))).toBe("RMTC_FORMAT_UNSUPPORTED");
  });

  it("reads the headers of deep parts, and not their samples", async () => {
    const parts = [plainPart(2, 2, rgbz, { name: "a" }), plainPart(2, 2, rgbz, { name: "b" })];
    const bytes = Buffer.from(await exrToBytes({ parts }));
    const at = bytes.lastIndexOf("scanlineimage");
    const deep = Buffer.concat([
      bytes.subarray(0, at - 4),
      Buffer.alloc(4),
      Buffer.from("deepscanline"),
      bytes.subarray(at + 13),
    ]);
    deep.writeInt32LE(12, at - 4);
    expect((await readExrHeaders(deep)).map(({ storage }) => storage)).toEqual(["scanline", "deepScanline"]);
    await expect(readExr(deep, { parts: [1] })).rejects.toThrow("deep");
  });

  it("refuses more pixels than are allowed, before it looks for memory", async () => {
    const bytes = await exrToBytes({ parts: [plainPart(20, 20, { R: "half" })] });
    expect(await rejectionOf(readExr(bytes, { maxPixels: 399 }))).toBe("RMTC_LIMIT_EXCEEDED");
    const huge = await withAttribute(plainPart(2, 2, rgbz), "dataWindow", (value) => {
      value.writeInt32LE(2 ** 31 - 1, 8);
      value.writeInt32LE(2 ** 31 - 1, 12);
    });
    expect(await rejectionOf(readExr(huge))).toBe("RMTC_LIMIT_EXCEEDED");
    expect(await rejectionOf(readExr(huge, { maxPixels: Number.MAX_SAFE_INTEGER }))).toBe(
      "RMTC_LIMIT_EXCEEDED",
    );
  });

  it("refuses a small file that claims to be a large picture", async () => {
    const bytes = await withAttribute(plainPart(4, 1, { R: "half" }), "dataWindow", (value) => {
      value.writeInt32LE(1_000_000, 8);
    });
    await expect(readExr(bytes)).rejects.toThrow(/chunk 0 cannot be 2000002 pixel bytes/);
  });

  it("refuses a chunk that was never written, is cut off, or belongs elsewhere", async () => {
    const whole = Buffer.from(await exrToBytes({ parts: [plainPart(8, 40, { R: "float" })] }));
    // Three chunks: the first lies right behind the table of their three places.
    const table = whole.findIndex(
      (_, at) => at < whole.length - 8 && whole.readBigUInt64LE(at) === BigInt(at + 24),
    );
    const changed = (change: (bytes: Buffer) => void): Buffer => {
      const copy = Buffer.from(whole);
      change(copy);
      return copy;
    };
    await expect(readExr(changed((bytes) => bytes.writeBigUInt64LE(0n, table)))).rejects.toThrow(
      /never written/,
    );
    await expect(readExr(changed((bytes) => bytes.writeBigUInt64LE(2n ** 40n, table)))).rejects.toThrow(
      /outside/,
    );
    await expect(
      readExr(changed((bytes) => bytes.writeBigUInt64LE(bytes.readBigUInt64LE(table + 8), table))),
    ).rejects.toThrow(/other pixels/);
    await expect(readExr(whole.subarray(0, whole.length - 1))).rejects.toThrow(/ends outside the file/);
  });

  it("leaves the event loop free and hears an abort", async () => {
    const bytes = await exrToBytes({ parts: [plainPart(1024, 1024, rgbz)] });
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await readExr(bytes, { threads: 1 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    const reason = new Error("stop");
    await expect(readExr(bytes, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const aborted = readExr(bytes, { threads: 1, signal: controller.signal });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
  });
});

describe("writeExr", () => {
  it("refuses pictures that make no file", async () => {
    const part = plainPart(2, 2, rgbz);
    const write = (...parts: ExrPart[]): Promise<string> => rejectionOf(exrToBytes({ parts }));
    expect(await write()).toBe("RMTC_OPTION_INVALID");
    expect(await write({ ...part, channels: new Map() })).toBe("RMTC_OPTION_INVALID");
    expect(await write(part, part)).toBe("RMTC_OPTION_INVALID");
    expect(await write({ ...part, name: "a" }, { ...part, name: "a" })).toBe("RMTC_OPTION_INVALID");
    expect(await write({ ...part, name: "a" }, { ...part, name: "b", pixelAspectRatio: 2 })).toBe(
      "RMTC_OPTION_INVALID",
    );
    const short = new Map([["R", { type: "half" as const, data: new Float16Array(3) }]]);
    expect(await write({ ...part, channels: short })).toBe("RMTC_OPTION_INVALID");
    const wrong = new Map([["R", { type: "half" as const, data: new Float32Array(4) }]]);
    expect(await write({ ...part, channels: wrong })).toBe("RMTC_OPTION_INVALID");
    const zero = new Map([["a\0b", encodeAttribute("int", 1)]]);
    expect(await write({ ...part, attributes: zero })).toBe("RMTC_OPTION_INVALID");
  });
});
