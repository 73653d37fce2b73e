// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Dtype, TensorLayout } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { findLayoutIssue, parseLayout, requireLayout, zeroTensor } from "../src/index.ts";
import { codeOf } from "./refusal.ts";
import { type Vector, vectorsOf } from "./vector-file.ts";

interface LayoutVector extends Vector {
  readonly layout: TensorLayout;
  readonly pointer?: string;
  readonly tensor?: { readonly dtype: Dtype; readonly shape: readonly number[] };
}

describe("the vectors of layouts", () => {
  it.each(vectorsOf<LayoutVector>("tensor-layout.json"))("%s", (_, { layout, tensor, code, pointer }) => {
    const read = (): TensorLayout =>
      tensor === undefined
        ? parseLayout(layout)
        : requireLayout(zeroTensor(tensor.dtype, tensor.shape, layout));
    if (code === undefined) {
      expect(read()).toBe(layout);
      return;
    }
    expect(codeOf(read)).toBe(code);
    if (tensor === undefined) expect(findLayoutIssue(layout)?.pointer).toBe(pointer);
  });
});
