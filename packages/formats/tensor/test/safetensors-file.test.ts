// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSafetensors, safetensorsToBytes, tensorOf, writeSafetensors } from "../src/index.ts";
import { counting } from "./any-tensor.ts";
import { rejectionOf } from "./refusal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("safetensors files", () => {
  it("hold the same bytes as in memory, and read one tensor at a time", async () => {
    const path = join(await temporaryFolder(), "weights.safetensors");
    const tensors = [
      ["a", counting([2, 3])] as const,
      ["b", tensorOf("BOOL", [1], Uint8Array.of(1))] as const,
    ];
    await writeSafetensors(path, tensors, { metadata: { step: "7" } });
    expect(new Uint8Array(await readFile(path))).toEqual(
      safetensorsToBytes(tensors, { metadata: { step: "7" } }),
    );
    await using file = await openSafetensors(path);
    expect([...file.tensors.keys()]).toEqual(["a", "b"]);
    expect(file.metadata).toEqual(new Map([["step", "7"]]));
    expect(await file.read("a")).toEqual(counting([2, 3]));
    expect(await rejectionOf(file.read("c"))).toBe("RMTC_NOT_FOUND");
  });

  it("take a header of many tensors without holding the event loop", async () => {
    const path = join(await temporaryFolder(), "many.safetensors");
    const empty = tensorOf("F32", [0], new Float32Array());
    await writeSafetensors(
      path,
      Array.from({ length: 50_000 }, (_, index) => [`layer.${index}.weight`, empty]),
    );
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await using file = await openSafetensors(path);
    clearInterval(timer);
    expect(file.tensors.size).toBe(50_000);
    expect(turns).toBeGreaterThan(1);
  });

  it("leave the old file as it was when writing fails, and nothing beside it", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "weights.safetensors");
    await writeFile(path, "old");
    const writing = writeSafetensors(path, [["a", counting([2])]], {
      signal: AbortSignal.abort(new Error("stop")),
    });
    await expect(writing).rejects.toThrow("stop");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["weights.safetensors"]);
  });

  it("say which file cannot be opened or written, and why", async () => {
    const folder = await temporaryFolder();
    expect(await rejectionOf(openSafetensors(join(folder, "none")))).toBe("RMTC_NOT_FOUND");
    expect(await rejectionOf(openSafetensors(folder))).toBe("RMTC_NOT_FOUND");
    expect(await rejectionOf(writeSafetensors(join(folder, "no", "file"), []))).toBe("RMTC_NOT_FOUND");
    await symlink("/dev/zero", join(folder, "endless"));
    expect(await rejectionOf(openSafetensors(join(folder, "endless")))).toBe("RMTC_NOT_FOUND");
  });

  it("are refused when their tensor is gone by the time it is read", async () => {
    const path = join(await temporaryFolder(), "weights.safetensors");
    await writeSafetensors(path, [["a", counting([2000])]]);
    await using file = await openSafetensors(path);
    await truncate(path, 5000);
    expect(await rejectionOf(file.read("a"))).toBe("RMTC_FORMAT_INVALID");
  });
});
