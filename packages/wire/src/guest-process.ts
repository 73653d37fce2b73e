// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { GuestMessage, HostMessage } from "./channel.ts";
import { GuestHost } from "./guest-host.ts";
import { type ServedMethods, serveCalls } from "./serve-calls.ts";

/** How a child process is started. */
export interface ProcessOptions {
  readonly args?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** A guest in a child process, with its process id. */
export class GuestProcess extends GuestHost {
  /** The operating system's process id; `undefined` if it could not be started. */
  readonly pid: number | undefined;

  constructor(module: URL, options: ProcessOptions = {}) {
    const child = fork(fileURLToPath(module), [...(options.args ?? [])], {
      execArgv: process.execArgv,
      env: options.env ?? process.env,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let complaints = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaints = (complaints + chunk.toString()).slice(-2000);
    });
    const gone = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    super({
      post: (message) => {
        if (child.connected) child.send(message, () => undefined);
      },
      onMessage: (listener) => child.on("message", (message) => listener(message as GuestMessage)),
      onExit: (listener) => {
        child.once("error", (error) => listener(error.message));
        child.once("close", (code, signal) =>
          listener(
            `${signal === null ? `exit code ${code}` : `signal ${signal}`}${complaints && `; ${complaints.trim()}`}`,
          ),
        );
      },
      setReferenced: (referenced) => {
        // The stream of complaints is a socket, which its type does not say.
        for (const handle of [child, child.channel, child.stderr as Partial<Socket> | null]) {
          if (referenced) handle?.ref?.();
          else handle?.unref?.();
        }
      },
      terminate: async () => {
        child.kill("SIGKILL");
        await gone;
      },
    });
    this.pid = child.pid;
  }
}

/** Serves the host's calls from inside a child process, which ends when its host does. */
export function serveProcess(methods: ServedMethods): void {
  if (process.send === undefined) throw new Error("serveProcess runs in a forked process only.");
  process.once("disconnect", () => process.exit(0));
  serveCalls(
    {
      post: (message) => process.send?.(message),
      onMessage: (listener) => process.on("message", (message) => listener(message as HostMessage)),
    },
    methods,
  );
}
