// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findAll, type Workspace } from "@rmtc/core";

/**
 * Lists what a workspace holds, one line for each record, without what differs each time: ids, times, salts and
 * what is derived from them.
 */
export async function listRecords(workspace: Workspace): Promise<readonly string[]> {
  const all = await Array.fromAsync(findAll(workspace.records, { where: [] }));
  const names = new Map(all.map(({ record }) => [record.id, `${record.kind} ${record.name ?? ""}`]));
  const lines = all.map(({ record: { kind, name, version, files, links } }) =>
    JSON.stringify({
      kind,
      name,
      version,
      files,
      links: links.map(({ rel, to }) => [rel, names.get(to) ?? "missing"]),
    }),
  );
  return lines.sort();
}

/**
 * The sorts of files that a workspace keeps, with digests and random names left out; empty folders hold nothing
 * and do not count. A database counts as one
 * with its log: SQLite leaves the log behind when two connections close at the same moment.
 */
export async function listFileSorts(folder: string): Promise<ReadonlySet<string>> {
  const root = join(folder, ".rmtc");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return new Set(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name).slice(root.length + 1);
        return path
          .replace(/\.db-(wal|shm)$/, ".db")
          .replaceAll(/[0-9a-f]{60,64}/g, "<digest>")
          .replaceAll(/(?<=\/)[0-9a-f]{2}(?=\/|$)/g, "<xx>");
      }),
  );
}
