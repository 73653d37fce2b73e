// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type DisclosedPart, partNames } from "@rmtc/attest";
import type { PartName } from "@rmtc/spec";

/** Characters of a salt, which stands before the JSON in a part's column. */
const saltLength = 22;

/** Writes a part for its column of `content`. */
export function partToColumn(part: DisclosedPart): string {
  return part.salt + part.json;
}

/** Reads the parts whose columns of `content` are filled, in the order of `partNames`. */
export function partsFromColumns(columns: readonly (string | null)[]): readonly DisclosedPart[] {
  return partNames.flatMap((name, index) => {
    const text = columns[index];
    return typeof text === "string"
      ? [{ name, salt: text.slice(0, saltLength), json: text.slice(saltLength) }]
      : [];
  });
}

/** Writes a set of parts as bits, in the order of `partNames`. */
export function partsToBits(parts: Iterable<PartName>): number {
  let bits = 0;
  for (const part of parts) bits |= 1 << partNames.indexOf(part);
  return bits;
}

/** Reads a set of parts from bits. */
export function partsFromBits(bits: number): PartName[] {
  return partNames.filter((_, index) => (bits & (1 << index)) !== 0);
}
