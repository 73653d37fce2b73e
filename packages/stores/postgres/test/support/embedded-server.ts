// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** An embedded PostgreSQL in a process of its own, reached by a Unix socket as a server is. */
export interface EmbeddedServer extends AsyncDisposable {
  /** The folder of the socket. */
  readonly host: string;
  readonly address: string;
}

/** Starts PGlite. It runs one statement at a time, and in a process of its own it blocks nobody's event loop. */
export async function startEmbedded(): Promise<EmbeddedServer> {
  const host = await mkdtemp(join(tmpdir(), "rmtc-pglite-"));
  const program = fileURLToPath(new URL("../fixtures/pglite-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program, host], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    host,
    address: "postgres://postgres@localhost/template1",
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
      await rm(host, { recursive: true, force: true });
    },
  };
}
