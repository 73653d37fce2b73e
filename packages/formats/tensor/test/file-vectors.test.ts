// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype, TensorLayout } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { findProfileIssue, parseSafetensors, safetensorsToBytes } from "../src/index.ts";
import { codeOf } from "./refusal.ts";
import { fromHex, type Vector, vectorsOf, vectorTensor } from "./vector-file.ts";

interface FileVector extends Vector {
  readonly file?: string;
  readonly header?: string;
  readonly headerBytes?: number;
  readonly data?: string;
  readonly tensors?: Readonly<Record<string, StoredTensor>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly profile?: boolean;
}

interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly hex: string;
  readonly layout?: TensorLayout;
}

function fileOf({ file, header = "", headerBytes, data = "" }: FileVector): Uint8Array {
  if (file !== undefined) return fromHex(file);
  const text = Buffer.from(header);
  const start = 8 + (headerBytes ?? text.byteLength);
  const bytes = Buffer.alloc(start + data.length / 2, " ");
  bytes.writeBigUInt64LE(BigInt(start - 8));
  bytes.set(text, 8);
  bytes.set(fromHex(data), start);
  return bytes;
}

describe("the vectors of tensor files", () => {
  it.each(vectorsOf<FileVector>("tensor-file.json"))("%s", (_, vector) => {
    const bytes = fileOf(vector);
    if (vector.tensors === undefined) {
      expect(codeOf(() => parseSafetensors(bytes))).toBe(vector.code);
      return;
    }
    const { tensors, metadata } = parseSafetensors(bytes);
    const wanted = Object.entries(vector.tensors).map(
      ([name, { dtype, shape, layout, ...data }]) =>
        [name, vectorTensor(dtype, shape, data, layout)] as const,
    );
    expect(tensors).toEqual(new Map(wanted));
    expect(Object.fromEntries(metadata)).toEqual(vector.metadata);
    expect(findProfileIssue(bytes, bytes.byteLength) === undefined).toBe(vector.profile);
    const { "rmtc.layout": _layouts, ...strings } = vector.metadata ?? {};
    const written = safetensorsToBytes(wanted.reverse(), { metadata: strings });
    expect(Buffer.compare(written, bytes) === 0).toBe(vector.profile);
    expect(findProfileIssue(written, written.byteLength)).toBeUndefined();
  });
});
