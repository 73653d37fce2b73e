// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import type { PutResult } from "@rmtc/contract";
import { type RmtcRecord, specVersion } from "@rmtc/spec";

/** Makes a record with a fresh salt for each part. */
export function newRecord(
  kind: string,
  parts: Partial<Pick<RmtcRecord, "name" | "version" | "tags" | "body">> = {},
  links: RmtcRecord["links"] = [],
): RmtcRecord {
  const salts = Object.fromEntries(
    Object.keys(parts).map((name) => [name, randomBytes(16).toString("base64url")]),
  );
  const createdAt = new Date().toISOString();
  const record = { specVersion, id: newId(), kind, createdAt, links, ...parts };
  return Object.keys(salts).length === 0 ? record : { ...record, salts };
}

/** Links to a record that was put. */
export function linkTo(rel: string, put: PutResult, index = 0): RmtcRecord["links"][number] {
  const { id, digest } = put.results[index] ?? { id: "", digest: "" };
  return { rel, to: id, digest };
}

/** Mints a UUID version 7 as a URN. */
function newId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = randomBytes(9).toString("hex");
  return `urn:uuid:${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6)}`;
}
