// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { kernelModule } from "./generated/kernels.ts";

/** Where a block's input ends and its output starts, in bytes. */
const half = 65_536;

// Node has WebAssembly; the types that TypeScript brings for it come with the browser's only.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly widen: (count: number) => void;
  readonly narrow: (count: number) => void;
}

let kernels: Kernels | undefined;
let memory = new Uint8Array();

/** Instantiates the kernels on first use. They work on one block at a time, which stays in the cache. */
function load(): Kernels {
  if (kernels === undefined) {
    const module = new WebAssembly.Module(Buffer.from(kernelModule, "base64"));
    kernels = new WebAssembly.Instance(module).exports as Kernels;
    memory = new Uint8Array(kernels.memory.buffer);
  }
  return kernels;
}

/**
 * Converts elements block by block: `source` in, `target` out, of 2 bytes on one side and 4 on the other.
 */
export function convertBlocks(kernel: "widen" | "narrow", source: Uint8Array, target: Uint8Array): void {
  const run = load()[kernel];
  const [from, to] = kernel === "widen" ? [2, 4] : [4, 2];
  const block = half / 4;
  const count = source.byteLength / from;
  for (let start = 0; start < count; start += block) {
    const length = Math.min(block, count - start);
    memory.set(source.subarray(start * from, (start + length) * from));
    run(length);
    target.set(memory.subarray(half, half + length * to), start * to);
  }
}
