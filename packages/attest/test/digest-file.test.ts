// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestFile, sha256 } from "../src/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-attest-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("digestFile", () => {
  it.each([0, 1, 1024 * 1024 - 1, 1024 * 1024, 3 * 1024 * 1024 + 17])(
    "hashes a file of %i bytes",
    async (sizeBytes) => {
      const bytes = Buffer.alloc(sizeBytes).map((_, index) => (index * 31) & 255);
      const path = join(folder, `${sizeBytes}.bin`);
      await writeFile(path, bytes);
      expect(await digestFile(path)).toEqual({ digest: sha256(bytes), sizeBytes });
    },
  );

  it("stops when its signal is aborted", async () => {
    const path = join(folder, "aborted.bin");
    await writeFile(path, "bytes");
    await expect(digestFile(path, { signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
  });

  it("passes on that a file is not there", async () => {
    await expect(digestFile(join(folder, "absent.bin"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
