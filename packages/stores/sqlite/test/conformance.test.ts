// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeRecordStore, describeRunStore } from "@rmtc/conformance/vitest";
import { SqliteRecordStore, SqliteRunStore } from "../src/index.ts";

describeRecordStore("SqliteRecordStore", async (folder) => {
  const path = join(folder, "catalog.db");
  const open = (): Promise<SqliteRecordStore> => SqliteRecordStore.open({ path });
  return {
    store: await open(),
    reopen: open,
    async damage(id) {
      using database = new DatabaseSync(path);
      database
        .prepare(
          `UPDATE content SET envelope = substr(envelope, 1, 40) || 'x' || substr(envelope, 42)
           WHERE key = (SELECT key FROM record WHERE id = unhex(substr(?, 10), '-'))`,
        )
        .run(id);
    },
  };
});

describeRunStore("SqliteRunStore", async (folder) => {
  const open = (): Promise<SqliteRunStore> => SqliteRunStore.open({ path: join(folder, "catalog.db") });
  return { store: await open(), reopen: open };
});
