// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import type { AgeOptions } from "../../src/index.ts";

/** An embedded PostgreSQL with AGE in a process of its own, reached by a Unix socket as a server is. */
export interface AgeServer extends AsyncDisposable {
  /** Options for a schema and a graph of a case's own: making a database takes longer than most cases. */
  newPlace(): AgeOptions & { readonly schema: string; readonly graph: string };
  /** Runs statements as anybody could who may use the database, and returns the rows of the last. */
  execute(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** Starts PGlite with AGE. It runs one statement at a time, and in a process of its own it blocks nobody's event loop. */
export async function startAge(): Promise<AgeServer> {
  const host = await mkdtemp(join(tmpdir(), "rmtc-age-"));
  const program = fileURLToPath(new URL("../fixtures/pglite-age-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program, host], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  let places = 0;
  return {
    newPlace: () => {
      places += 1;
      const names = { schema: `case_${places}`, graph: `graph_${places}` };
      return { address: "age://postgres@localhost/template1", host, ...names };
    },
    execute: async (sql) => {
      const client = new Client({ host, user: "postgres", database: "template1" });
      await client.connect();
      try {
        await client.query("BEGIN; SET LOCAL search_path TO ag_catalog");
        const results = [await client.query(sql)].flat();
        await client.query("COMMIT");
        return results.at(-1)?.rows ?? [];
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
      await rm(host, { recursive: true, force: true });
    },
  };
}
