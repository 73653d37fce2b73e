// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExrPart, encodeAttribute, exrToBytes, readExr } from "../src/index.ts";
import { compressions, plainPart } from "./any-exr.ts";

const part = plainPart(
  19,
  37,
  { R: "half", G: "half", Z: "float", id: "uint" },
  {
    attributes: new Map([
      ["owner", encodeAttribute("string", "somebody")],
      ["worldToCamera", encodeAttribute("m44f", new Array<number>(16).fill(1))],
    ]),
  },
);
const second: ExrPart = { ...part, name: "second", lineOrder: "decreasing" };

/** A file of each compression, and one of two parts. */
const files = await Promise.all([
  ...compressions.map((compression) => exrToBytes({ parts: [part] }, { compression })),
  exrToBytes({ parts: [{ ...part, name: "first" }, second] }),
]);

/** Where headers and tables end, roughly: most damage should hit them. */
const headBytes = 1200;

interface Damage {
  readonly file: number;
  readonly changes: readonly (readonly [number, number])[];
  readonly length: number | null;
  readonly word: readonly [number, number] | null;
}

const anyDamage: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(files.length - 1),
  changes: fc.array(fc.tuple(fc.oneof(fc.nat(headBytes), fc.nat(12_000)), fc.nat(255)), { maxLength: 5 }),
  length: fc.option(fc.nat(14_000), { freq: 4 }),
  word: fc.option(
    fc.tuple(fc.nat(headBytes), fc.constantFrom(-1, 0, 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 24, 65536, 1000, 16)),
    { freq: 2 },
  ),
});

function damaged({ file, changes, length, word }: Damage): Uint8Array {
  const source = files[file] as Uint8Array;
  const copy = Buffer.alloc(length ?? source.byteLength);
  copy.set(source.subarray(0, copy.byteLength));
  for (const [at, value] of changes) if (at < copy.byteLength) copy[at] = value;
  if (word !== null && word[0] + 4 <= copy.byteLength) copy.writeInt32LE(word[1], word[0]);
  return copy;
}

/** A damaged file may still be a picture; whatever else happens must be an error of ours. */
async function readsOrRefuses(bytes: Uint8Array): Promise<number> {
  try {
    const { parts } = await readExr(bytes, { threads: 1 });
    return parts
      .flatMap(({ channels }) => [...channels.values()])
      .reduce((sum, { data }) => sum + data.byteLength, 0);
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return 0;
  }
}

describe("damaged EXR files", () => {
  it("are read or refused, and never need more memory than their bytes could hold", async () => {
    await fc.assert(
      fc.asyncProperty(anyDamage, async (what) => {
        const bytes = damaged(what);
        expect(await readsOrRefuses(bytes)).toBeLessThanOrEqual(1032 * bytes.byteLength);
      }),
      { numRuns: 4000 },
    );
  });

  it("are refused wherever they are cut off", async () => {
    for (const file of files) {
      for (let length = 0; length < file.byteLength; length += length < headBytes ? 7 : 331) {
        await expect(readExr(file.subarray(0, length), { threads: 1 })).rejects.toSatisfy(isRmtcError);
      }
    }
  });

  it("are refused when they are noise behind a good start", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(headBytes), fc.uint8Array({ maxLength: 300 }), async (kept, noise) => {
        await readsOrRefuses(Buffer.concat([(files[3] as Uint8Array).subarray(0, kept), noise]));
      }),
      { numRuns: 500 },
    );
  });
});
