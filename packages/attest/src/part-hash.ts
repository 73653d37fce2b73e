// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, PartName, Salt } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { sha256 } from "./sha256.ts";

/** Every part of a record, in the order of the canonical form. */
export const partNames: readonly PartName[] = [
  "annotations",
  "body",
  "extensions",
  "files",
  "name",
  "tags",
  "version",
];

/**
 * Computes the hash that stands for one part in a record's digest: SHA-256(JCS([salt, name, value])).
 *
 * @throws RMTC_JSON_INVALID when the value is not I-JSON.
 * @see spec/draft/record.md#digest
 */
export function partHash(name: PartName, value: unknown, salt: Salt): Digest {
  return partHashOfJson(name, canonicalJson(value, `/${name}`), salt);
}

/** Computes the hash of a part from the canonical JSON of its value, as {@link partHash} does from the value. */
export function partHashOfJson(name: PartName, json: string, salt: Salt): Digest {
  return sha256(`["${salt}","${name}",${json}]`);
}
