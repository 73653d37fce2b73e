// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFileSync } from "node:fs";
import type { Dtype } from "@rmtc/spec";
import { convertTensor, type Tensor, tensorFromBytes } from "../src/index.ts";

/** A test of a vector file; most name the demand they are about. */
export interface Vector {
  readonly description: string;
  readonly demand?: string;
  readonly code?: string;
}

/** Elements as the vectors write them: as numbers, or as bytes in hexadecimal. */
export interface VectorData {
  readonly values?: readonly number[];
  readonly hex?: string;
}

/** Reads the tests of a file under `spec/draft/vectors/`, each with its title. */
export function vectorsOf<Test extends Vector>(name: string): [title: string, test: Test][] {
  const url = new URL(`../../../../spec/draft/vectors/${name}`, import.meta.url);
  const { tests } = JSON.parse(readFileSync(url, "utf8")) as { tests: Test[] };
  return tests.map((test) => [`${test.demand ?? ""} ${test.description}`.trim(), test]);
}

/** Makes the tensor that the vectors describe. */
export function vectorTensor(
  dtype: Dtype,
  shape: readonly number[],
  { values, hex }: VectorData,
  layout?: Tensor["layout"],
): Tensor {
  if (values === undefined) return tensorFromBytes(dtype, shape, fromHex(hex ?? ""), layout);
  const numbers: Tensor = { dtype: "F64", shape, data: Float64Array.from(values) };
  const { data } = convertTensor(numbers, dtype);
  return { dtype, shape, data, ...(layout === undefined ? {} : { layout }) };
}

/** Reads hexadecimal digits into memory of their own, so that it is aligned. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
