// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRecord, makeRecord } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import { expect, test } from "vitest";
import { Catalog } from "../src/catalog.ts";
import { type IncomingRecord, putRecords } from "../src/put-records.ts";
import { openDatabase } from "../src/schema.ts";

test("keeps nothing of a put for which there is no room, and works on when there is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rmtc-store-sqlite-"));
  try {
    using database = openDatabase({ path: join(folder, "catalog.db"), busyTimeoutMilliseconds: 100 });
    const catalog = new Catalog(database);
    const batch = (kind: string): IncomingRecord[] =>
      Array.from({ length: 300 }, () => {
        const record = makeRecord({
          kind,
          name: `a name of ${kind}`,
          tags: [kind],
          body: { note: "x".repeat(500) },
        });
        return { record, checked: checkRecord(record) };
      });
    putRecords(catalog, batch("asset"), "");
    const head = catalog.head();
    const pages = Number(database.get("PRAGMA page_count")?.[0]);
    database.get(`PRAGMA max_page_count = ${pages + 4}`);
    const more = batch("subject");
    const attempt = (): unknown => {
      try {
        return putRecords(catalog, more, "new partition");
      } catch (error) {
        return error;
      }
    };
    expect(isRmtcError(attempt(), "RMTC_STORE_FULL")).toBe(true);
    expect(catalog.head()).toBe(head);
    expect(catalog.kinds.find("subject")).toBeUndefined();
    database.get("PRAGMA max_page_count = 100000");
    expect(attempt()).toMatchObject({ cursor: catalog.cursor(head + 300) });
    expect(database.get("SELECT count(*) FROM record")?.[0]).toBe(600);
  } finally {
    await rm(folder, { recursive: true });
  }
});
