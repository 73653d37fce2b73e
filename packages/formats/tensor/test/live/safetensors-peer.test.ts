// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dtype } from "@rmtc/spec";
import { expect, it } from "vitest";
import { openSafetensors, tensorByteLength, tensorFromBytes, writeSafetensors } from "../../src/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Python that has PyPI's safetensors and NumPy. */
const python = process.env.RMTC_PYTHON ?? "/usr/bin/python3";
const peer = fileURLToPath(new URL("fixtures/safetensors_peer.py", import.meta.url));

const numpyNames = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
} as const;

it("hands tensors of every type that NumPy has to Hugging Face's library and back, bit by bit", async () => {
  const folder = await temporaryFolder();
  const shapes = [[], [0], [3], [2, 3], [2, 1, 5]];
  const tensors = Object.keys(numpyNames).flatMap((dtype) =>
    shapes.map((shape, index) => {
      const length = tensorByteLength(dtype as Dtype, shape);
      const bytes = new Uint8Array(length).map((_, at) =>
        dtype === "BOOL" ? at % 2 : (at * 37 + index) % 120,
      );
      return [`${dtype.toLowerCase()}.${index}.ü`, tensorFromBytes(dtype as Dtype, shape, bytes)] as const;
    }),
  );
  const [ours, theirs] = [join(folder, "ours.safetensors"), join(folder, "theirs.safetensors")];
  await writeSafetensors(ours, tensors, { metadata: { note: 'a "quoted" \\ word', ünïcode: "✓" } });
  const seen = JSON.parse(execFileSync(python, [peer, ours, theirs], { encoding: "utf8" }));
  await using file = await openSafetensors(theirs);
  expect([...file.tensors.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
  expect(file.metadata.get("ünïcode")).toBe("✓");
  expect(file.metadata.get("note")).toBe('a "quoted" \\ word');
  for (const [name, tensor] of tensors) {
    expect(seen[name]).toEqual([numpyNames[tensor.dtype as keyof typeof numpyNames], tensor.shape]);
    expect(await file.read(name)).toEqual(tensor);
  }
});
