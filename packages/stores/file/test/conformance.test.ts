// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeRecordStore, describeRunStore } from "@rmtc/conformance/vitest";
import { FileRecordStore, FileRunStore } from "../src/index.ts";

describeRecordStore("FileRecordStore", async (folder) => {
  const path = join(folder, "store");
  const open = (): Promise<FileRecordStore> => FileRecordStore.open({ path, index: join(folder, "index") });
  return {
    store: await open(),
    reopen: open,
    async damage(id) {
      for (const name of await readdir(join(path, "records"), { recursive: true })) {
        if (!name.endsWith(".json")) continue;
        const file = join(path, "records", name);
        const text = await readFile(file, "utf8");
        const at = text.indexOf(`"id": "${id}"`);
        if (at < 0) continue;
        const created = text.lastIndexOf('"createdAt": "', at);
        await writeFile(file, `${text.slice(0, created + 14)}1${text.slice(created + 15)}`);
      }
    },
  };
});

describeRunStore("FileRunStore", async (folder) => {
  const options = { path: join(folder, "store"), index: join(folder, "index") };
  const open = (): Promise<FileRunStore> => FileRunStore.open(options);
  return { store: await open(), reopen: open };
});
