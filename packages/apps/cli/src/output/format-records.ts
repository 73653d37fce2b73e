// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { StoredRecord } from "@rmtc/contract";
import { style } from "./style.ts";
import { formatTable } from "./table.ts";

/** Formats records as a table, one line each. */
export function formatRecords(records: readonly StoredRecord[]): string {
  const rows = records.map(({ record }) => [
    style("cyan", record.kind),
    record.name ?? "",
    record.version ?? "",
    record.createdAt.slice(0, 19).replace("T", " "),
    record.id.slice("urn:uuid:".length),
  ]);
  return formatTable(["kind", "name", "version", "created", "id"], rows);
}
