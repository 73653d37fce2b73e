// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tensorOf } from "@rmtc/tensor";
import { describe, expect, it } from "vitest";
import { encodeAttribute, probeImage, readImage, writeExr, writePng } from "../src/index.ts";
import { plainPart } from "./any-exr.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("probeImage", () => {
  it("tells what an EXR file holds, whatever it is called, without its pixels", async () => {
    const path = join(await temporaryFolder(), "plate.jpeg");
    const attributes = new Map([["colorInteropID", encodeAttribute("string", "lin_rec709_scene")]]);
    const parts = [
      plainPart(30, 40, { B: "half", G: "half", R: "half", "fg.A": "half" }, { name: "beauty", attributes }),
      plainPart(30, 40, { Z: "float" }, { name: "depth" }),
    ];
    await writeExr(path, { parts });
    await truncate(path, 1800);
    const info = await probeImage(path);
    expect(info).toMatchObject({
      format: "exr",
      width: 30,
      height: 40,
      channels: ["R", "G", "B", "fg.A"],
      colorInteropId: "lin_rec709_scene",
      partNames: ["beauty", "depth"],
      dataWindow: { minX: 0, minY: 0, maxX: 29, maxY: 39 },
      layout: { dtype: "F16", shape: [40, 30, 4], axes: ["h", "w", "c"], alpha: "associated" },
    });
    expect((await probeImage(path, { part: 1 })).layout.dtype).toBe("F32");
    expect(await rejectionOf(probeImage(path, { part: 2 }))).toBe("RMTC_LAYOUT_MISMATCH");
  });

  it("tells what a PNG file holds", async () => {
    const path = join(await temporaryFolder(), "plate");
    await writePng(path, tensorOf("U16", [2, 3, 2], new Uint16Array(12)));
    expect(await probeImage(path)).toMatchObject({
      format: "png",
      width: 3,
      height: 2,
      channels: ["Y", "A"],
      layout: { dtype: "U16" },
      partNames: [""],
    });
  });

  it("refuses other formats, and what is no file", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "plate.exr"), "GIF89a");
    await writeFile(join(folder, "empty.exr"), "");
    for (const read of [probeImage, readImage]) {
      expect(await rejectionOf(read(join(folder, "plate.exr")))).toBe("RMTC_FORMAT_UNSUPPORTED");
      expect(await rejectionOf(read(join(folder, "empty.exr")))).toBe("RMTC_FORMAT_UNSUPPORTED");
      expect(await rejectionOf(read(join(folder, "none.exr")))).toBe("RMTC_NOT_FOUND");
      expect(await rejectionOf(read(folder))).toBe("RMTC_NOT_FOUND");
    }
  });

  it.skipIf(process.platform === "win32")("does not wait for a pipe that nobody writes to", async () => {
    const path = join(await temporaryFolder(), "plate.exr");
    execFileSync("/usr/bin/env", ["mkfifo", path]);
    expect(await rejectionOf(readImage(path))).toBe("RMTC_NOT_FOUND");
  });
});

describe("readImage of a PNG file", () => {
  it("picks channels in the order wanted", async () => {
    const path = join(await temporaryFolder(), "plate.png");
    await writePng(path, tensorOf("U8", [1, 2, 4], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
    const picked = await readImage(path, { channels: ["B", "R"] });
    expect(picked.data).toEqual(Uint8Array.of(3, 1, 7, 5));
    expect(picked.layout).toMatchObject({ channels: ["B", "R"], alpha: "none", shape: [1, 2, 2] });
    expect((await readImage(path)).data.length).toBe(8);
    expect(await rejectionOf(readImage(path, { channels: ["Z"] }))).toBe("RMTC_LAYOUT_MISMATCH");
    expect(await rejectionOf(readImage(path, { part: 1 }))).toBe("RMTC_LAYOUT_MISMATCH");
  });
});
