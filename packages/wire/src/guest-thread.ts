// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { parentPort, Worker } from "node:worker_threads";
import type { GuestMessage, HostMessage } from "./channel.ts";
import { GuestHost } from "./guest-host.ts";
import { type ServedMethods, serveCalls } from "./serve-calls.ts";

/** Starts a worker thread from a module that calls {@link serveThread}. `data` reaches it as `workerData`. */
export function startThread(module: URL, data: unknown): GuestHost {
  const worker = new Worker(module, { workerData: data, stdout: false, stderr: false });
  return new GuestHost({
    post: (message, transfer) => worker.postMessage(message, transfer ?? []),
    onMessage: (listener) => worker.on("message", (message: GuestMessage) => listener(message)),
    onExit: (listener) => {
      worker.once("error", (error: unknown) =>
        listener(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      );
      worker.once("exit", (code) => listener(`the thread exited with code ${code}`));
    },
    setReferenced: (referenced) => (referenced ? worker.ref() : worker.unref()),
    terminate: async () => {
      await worker.terminate();
    },
  });
}

/** Serves the host's calls from inside a worker thread. */
export function serveThread(methods: ServedMethods): void {
  const port = parentPort;
  if (port === null) throw new Error("serveThread runs in a worker thread only.");
  serveCalls(
    {
      post: (message, transfer) => port.postMessage(message, transfer ?? []),
      onMessage: (listener) => port.on("message", (message: HostMessage) => listener(message)),
    },
    methods,
  );
}
