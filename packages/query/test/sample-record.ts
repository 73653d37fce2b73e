// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord } from "@rmtc/spec";
import type { QueriedRecord } from "../src/index.ts";

/** A record id that ends in a number. */
export function idOf(number: number): string {
  return `urn:uuid:01936e5a-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

/** A record with its digest, as a store hands it to a query. */
export function stored(number: number, parts: Partial<RmtcRecord> = {}): QueriedRecord {
  const record: RmtcRecord = {
    specVersion: "0.1",
    id: idOf(number),
    kind: "asset",
    createdAt: "2026-11-22T10:00:00.000Z",
    links: [],
    ...parts,
  };
  return { record, digest: `sha256:${number.toString(16).padStart(64, "0")}` };
}
