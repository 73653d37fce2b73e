// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";

/** The moment at which a process is killed: before or after its nth file-changing call, from 1. */
export interface KillPoint {
  readonly call: number;
  readonly after: boolean;
}

/** How a process ended, and the file-changing calls it made, in order, such as `rename /path`. */
export interface KilledRun {
  readonly killed: boolean;
  readonly calls: readonly string[];
}

/**
 * Runs a program with the library `kill-at.so`, which counts its changes below `folder` and kills it at `point`.
 * Without a point it only counts.
 *
 * @throws Error when the program fails by itself.
 */
export async function runWithKill(request: {
  readonly library: string;
  readonly command: readonly string[];
  readonly folder: string;
  /** A path outside of `folder` for the list of calls. */
  readonly log: string;
  /** A folder outside of `folder` where Node keeps compiled code from one run to the next. */
  readonly compileCache: string;
  readonly point?: KillPoint | undefined;
}): Promise<KilledRun> {
  const { library, command, folder, log, compileCache, point } = request;
  await rm(log, { force: true });
  const [file = "", ...rest] = command;
  const child = spawn(file, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compileCache,
      LD_PRELOAD: library,
      KILL_AT_FOLDER: folder,
      KILL_AT_CALL: String(point?.call ?? 0),
      KILL_AT_AFTER: point?.after === true ? "1" : "0",
      KILL_AT_LOG: log,
    },
  });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve([code, signal]));
  });
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const [code, signal] = await ended;
  const calls = (await readFile(log, "utf8")).split("\n").slice(0, -1);
  if (signal === "SIGKILL" && point !== undefined) return { killed: true, calls };
  if (code === 0) return { killed: false, calls };
  throw new Error(`${command.join(" ")} ended with ${code ?? signal}: ${Buffer.concat(complaints)}`);
}
