// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dtype } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { convertTensor, tensorFromBytes, tensorOf } from "../../src/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Python that has NumPy, PyTorch and ml_dtypes below 0.6. */
const python = process.env.RMTC_PYTHON ?? "/usr/bin/python3";
const peer = fileURLToPath(new URL("fixtures/float_peer.py", import.meta.url));
const generator = fileURLToPath(new URL("../../scripts/small_float_vectors.py", import.meta.url));
const vectors = new URL("../../../../../spec/draft/vectors/small-floats.json", import.meta.url);

/** One single float in 4,099, a prime, over all bit patterns. */
function spreadOfSingles(): Float32Array {
  const bits = new Uint32Array(Math.floor(2 ** 32 / 4099));
  for (let i = 0; i < bits.length; i++) bits[i] = i * 4099;
  return new Float32Array(bits.buffer);
}

/** Where ml_dtypes differs from the standard, or rounds below F32's normal numbers too early. */
function isBeyondPeer(dtype: Dtype, value: number): boolean {
  return dtype === "F8_E8M0" && value < 2 ** -126;
}

describe("floats of 8 and 16 bits", () => {
  it.each(["F16", "BF16", "F8_E5M2", "F8_E4M3", "F8_E5M2FNUZ", "F8_E4M3FNUZ", "F8_E8M0"] as const)(
    "%s is rounded to, and each of its codes read, as ml_dtypes and PyTorch do",
    async (dtype) => {
      const folder = await temporaryFolder();
      const [source, target] = [join(folder, "source"), join(folder, "target")];
      const singles = spreadOfSingles();
      await writeFile(source, singles);
      execFileSync(python, [peer, dtype, source, target]);
      const bytes = Uint8Array.from(await readFile(target));
      const made = convertTensor(tensorOf("F32", [singles.length], singles), dtype);
      const codeBytes = made.data.byteLength;
      const theirs = tensorFromBytes(dtype, made.shape, bytes.slice(0, codeBytes));
      const [ourCodes, theirCodes] = [made, theirs].map(({ data }) =>
        data.BYTES_PER_ELEMENT === 1 ? new Uint8Array(data.buffer) : new Uint16Array(data.buffer),
      );
      const back = convertTensor(theirs, "F32").data;
      const wrong = singles.findIndex(
        (value, i) =>
          ourCodes?.[i] !== theirCodes?.[i] && !Number.isNaN(back[i]) && !isBeyondPeer(dtype, value),
      );
      expect(wrong).toBe(-1);
      const ourNumbers = convertTensor(made, "F32").data;
      const unlikeNaN = singles.findIndex(
        (value, i) => Number.isNaN(ourNumbers[i]) !== Number.isNaN(back[i]) && !isBeyondPeer(dtype, value),
      );
      expect(unlikeNaN).toBe(-1);

      const count = 2 ** (8 * made.data.BYTES_PER_ELEMENT);
      const every = new (count === 256 ? Uint8Array : Uint16Array)(count).map((_, code) => code);
      const values = convertTensor(tensorFromBytes(dtype, [count], new Uint8Array(every.buffer)), "F32").data;
      expect(values).toEqual(new Float32Array(bytes.slice(codeBytes).buffer));
    },
  );

  it("have the vectors that ml_dtypes gives", async () => {
    const made = execFileSync(python, [generator], { encoding: "utf8", maxBuffer: 2 ** 24 });
    expect(JSON.parse(made)).toEqual(JSON.parse(await readFile(vectors, "utf8")));
  });
});
