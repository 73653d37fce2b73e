// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  findProfileIssue,
  npyToBytes,
  parseNpy,
  parseSafetensors,
  safetensorsToBytes,
  tensorOf,
} from "../src/index.ts";
import { counting } from "./any-tensor.ts";

const layout = { dtype: "F32" as const, shape: [2, 3], axes: ["h", "w"] };
const safetensors = safetensorsToBytes(
  [
    ["plate", counting([2, 3], layout)],
    ["mask", tensorOf("U8", [5], new Uint8Array(5))],
    ["empty", tensorOf("F16", [0], new Float16Array())],
  ],
  { metadata: { note: 'a "quoted" \\ word' } },
);
const header = Buffer.from(safetensors).indexOf("  ");

/** Damage as it happens: some bytes changed, then cut off or lengthened. */
const damage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(header), fc.nat(255)), { maxLength: 6 }),
  length: fc.option(fc.nat(safetensors.byteLength + 16), { freq: 3 }),
});

function damaged(
  bytes: Uint8Array,
  { changes, length }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  const copy = new Uint8Array(length ?? bytes.byteLength);
  copy.set(bytes.subarray(0, copy.byteLength));
  for (const [at, value] of changes) if (at < copy.byteLength) copy[at] = value;
  return copy;
}

/** A damaged file may still be a file; whatever else happens must be an error of ours. */
function readsOrRefuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!isRmtcError(error)) throw error;
    expect(error.message.length).toBeLessThan(2000);
  }
}

describe("damaged files", () => {
  it("are read or refused, as safetensors", () => {
    fc.assert(
      fc.property(damage, (what) => {
        const bytes = damaged(safetensors, what);
        readsOrRefuses(() => parseSafetensors(bytes));
        readsOrRefuses(() => findProfileIssue(bytes, bytes.byteLength));
      }),
      { numRuns: 3000 },
    );
  });

  it("are read or refused, as .npy", () => {
    const npy = npyToBytes(counting([2, 3]));
    fc.assert(
      fc.property(damage, (what) => readsOrRefuses(() => parseNpy(damaged(npy, what)))),
      { numRuns: 3000 },
    );
  });

  it("are refused before memory is taken for what they claim to hold (RMTC-TEN-094)", () => {
    const tensor = '{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}';
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(tensor)]);
    bytes.writeBigUInt64LE(BigInt(tensor.length));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parseSafetensors(bytes)).toThrow(/describes 1099511627\d* bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it("are refused at any length they may be cut to", () => {
    for (let length = 0; length < safetensors.byteLength; length += length < header + 2 ? 1 : 97) {
      expect(() => parseSafetensors(safetensors.slice(0, length))).toThrow();
    }
  });

  it("are read or refused when their layouts are damaged", () => {
    const good = '{"plate":{"axes":["h","w"],"dtype":"F32","origin":"topLeft","shape":[2,3]}}';
    const tensor = '"plate":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}';
    const change = fc.tuple(fc.nat(good.length - 1), fc.constantFrom(...'{}[]":,\\ 0-9eEhwnull'));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
        const text = [...good];
        for (const [at, mark] of changes) text[at] = mark;
        const layouts = JSON.stringify(text.join(""));
        const header = Buffer.from(`{"__metadata__":{"rmtc.layout":${layouts}},${tensor}}`);
        const bytes = Buffer.concat([Buffer.alloc(8), header, Buffer.alloc(24)]);
        bytes.writeBigUInt64LE(BigInt(header.byteLength));
        readsOrRefuses(() => parseSafetensors(bytes));
        readsOrRefuses(() => findProfileIssue(bytes, bytes.byteLength));
      }),
      { numRuns: 3000 },
    );
  });

  it("are refused when they are random text", () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]":,\\ 0aFu'), maxLength: 60 });
    fc.assert(
      fc.property(text, (body) => {
        const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(`{${body}`)]);
        bytes.writeBigUInt64LE(BigInt(bytes.byteLength - 8));
        readsOrRefuses(() => parseSafetensors(bytes));
      }),
      { numRuns: 3000 },
    );
  });
});
