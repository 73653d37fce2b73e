// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { OnnxAttribute } from "./onnx-model.ts";

/** An attribute as `GraphBuilder` takes it: whole numbers become `INT` or `INTS`, text `STRING`. */
export type AttributeInput = number | string | readonly number[] | OnnxAttribute;

/** Makes a `FLOAT` attribute, which a plain number would not become. */
export function floatValue(value: number): OnnxAttribute {
  return { type: "FLOAT", value };
}

/** Converts attributes to their model form. @throws RMTC_OPTION_INVALID when a plain number is not whole. */
export function attributesFromInput(
  input: Readonly<Record<string, AttributeInput>>,
): ReadonlyMap<string, OnnxAttribute> {
  return new Map(Object.entries(input).map(([name, value]) => [name, attributeFromInput(name, value)]));
}

function attributeFromInput(name: string, value: AttributeInput): OnnxAttribute {
  if (typeof value === "string") return { type: "STRING", value: new TextEncoder().encode(value) };
  if (typeof value === "number") return { type: "INT", value: integer(name, value) };
  if ("type" in value) return value;
  return { type: "INTS", value: value.map((entry) => integer(name, entry)) };
}

function integer(name: string, value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new RmtcError("RMTC_OPTION_INVALID", `Attribute ${name} is ${value}; wrap it in floatValue(…).`);
}
