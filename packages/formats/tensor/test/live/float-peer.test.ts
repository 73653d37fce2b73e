// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dtype } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { convertTensor, tensorFromBytes, tensorOf } from "../../src/index.ts";
import { codesOf, everyCode } from "../any-tensor.ts";
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
      const theirs = tensorFromBytes(dtype, made.shape, bytes.slice(0, made.data.byteLength));
      const [ourCodes, theirCodes] = [codesOf(made), codesOf(theirs)];
      const [ours, back] = [made, theirs].map((tensor) => convertTensor(tensor, "F32").data);
      const wrong = singles.findIndex((value, i) => {
        if (isBeyondPeer(dtype, value)) return false;
        const isNumber = !Number.isNaN(back?.[i]);
        return Number.isNaN(ours?.[i]) === isNumber || (isNumber && ourCodes[i] !== theirCodes[i]);
      });
      expect(wrong).toBe(-1);
      const values = convertTensor(everyCode(dtype), "F32").data;
      expect(values).toEqual(new Float32Array(bytes.slice(made.data.byteLength).buffer));
    },
  );

  it("have the vectors that ml_dtypes gives", async () => {
    const made = execFileSync(python, [generator], { encoding: "utf8", maxBuffer: 2 ** 24 });
    expect(JSON.parse(made)).toEqual(JSON.parse(await readFile(vectors, "utf8")));
  });
});
