// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const packaged = "/usr/lib/postgresql";

/** A PostgreSQL server of a test's own, in a temporary folder, reached by a Unix socket. */
export interface PostgresServer extends AsyncDisposable {
  /** The folder of the socket. */
  readonly host: string;
  readonly address: string;
  /** Makes an empty database and returns its address. */
  createDatabase(name: string): Promise<string>;
  /** Runs one statement as the superuser. */
  execute(sql: string, database?: string): Promise<string>;
  /** Ends the server as a crash would, and starts it again. */
  restart(): Promise<void>;
}

/**
 * Starts a server: the newest of Debian's, else the one on the PATH. The server refuses to run as root, so that
 * then the user postgres runs it.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = await binaries();
  const folder = await mkdtemp(join(tmpdir(), "rmtc-pg-"));
  const data = join(folder, "data");
  const prefix =
    process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  if (prefix.length > 0) {
    const { stdout } = await run("id", ["-u", "postgres"]);
    await chown(folder, Number(stdout), -1);
  }
  const as = (command: readonly string[]): [string, string[]] => {
    const [program = "", ...rest] = [...prefix, ...command];
    return [program, rest];
  };
  await run(
    ...as([
      join(bin, "initdb"),
      "--pgdata",
      data,
      "--auth=trust",
      "--username=postgres",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ]),
  );
  const start = async (): Promise<ReturnType<typeof spawn>> => {
    const [program, rest] = as([
      join(bin, "postgres"),
      "-D",
      data,
      "-k",
      folder,
      "-c",
      "listen_addresses=",
      "-c",
      "max_connections=60",
      "-c",
      "fsync=off",
    ]);
    const server = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      server.stderr?.on("data", (chunk: Buffer) => {
        said += String(chunk);
        if (said.includes("ready to accept connections")) resolve();
      });
      server.once("exit", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
    });
    return server;
  };
  let server = await start();
  const execute = async (sql: string, database = "postgres"): Promise<string> =>
    (
      await run(join(bin, "psql"), [
        "-h",
        folder,
        "-U",
        "postgres",
        "-qAtX",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        sql,
        database,
      ])
    ).stdout;
  const addressOf = (name: string): string => `postgres://postgres@localhost/${name}`;
  return {
    host: folder,
    address: addressOf("postgres"),
    execute,
    createDatabase: async (name) => {
      await execute(`CREATE DATABASE ${name}`);
      return addressOf(name);
    },
    restart: async () => {
      const ended = once(server, "exit");
      server.kill("SIGQUIT");
      await ended;
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(server, "exit");
      server.kill("SIGQUIT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function binaries(): Promise<string> {
  const versions = await readdir(packaged).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  return newest === undefined ? "" : join(packaged, String(newest), "bin");
}
