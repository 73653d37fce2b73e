// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setTimeout as sleep } from "node:timers/promises";
import { RmtcError } from "@rmtc/contract";
import { abortable } from "./abortable.ts";
import { isBusy } from "./sqlite-error.ts";

/** The end of the line in this process, for each index folder. */
const lines = new Map<string, Promise<void>>();

/** How long a call waits for the other processes of this machine. */
const patienceMilliseconds = 60_000;

/**
 * Waits for its turn among everyone in this process, then tries `enter` until no other process of this machine is
 * in its way; the event loop runs on meanwhile. Returns what ends the turn.
 *
 * @throws RMTC_STORE_BUSY when other processes take longer than that.
 */
export async function takeTurn(
  folder: string,
  enter: () => void,
  signal: AbortSignal | undefined,
  patience: number = patienceMilliseconds,
): Promise<() => void> {
  const before = lines.get(folder) ?? Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const line = before.then(() => promise);
  lines.set(folder, line);
  const leave = (): void => {
    resolve();
    if (lines.get(folder) === line) lines.delete(folder);
  };
  try {
    await abortable(before, signal);
    await whenFree(folder, enter, signal, patience);
    return leave;
  } catch (error) {
    // Whoever comes next still waits for those before.
    before.then(leave);
    throw error;
  }
}

/** Tries again and again while another process holds a lock of SQLite. */
export async function whenFree<Result>(
  path: string,
  action: () => Result,
  signal?: AbortSignal | undefined,
  patience: number = patienceMilliseconds,
): Promise<Result> {
  const deadline = performance.now() + patience;
  for (let wait = 1; ; wait = Math.min(wait * 1.5, 10)) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > deadline) {
        const message = `Other processes of this machine kept ${path} locked for ${patience / 1000} s; wait for them and try again.`;
        throw new RmtcError("RMTC_STORE_BUSY", message, { subject: path, cause: error });
      }
    }
    await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
