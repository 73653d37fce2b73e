// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Writable } from "node:stream";
import type { Extension } from "@rmtc/contract";
import { GuestSession } from "./guest-session.ts";

/** The process ends after so long even if an instance does not close. */
const endMilliseconds = 4_000;

/**
 * Serves extensions to the host that started this process, over standard input and output, and ends the process
 * when the input ends.
 *
 * From the call on, whatever else writes to standard output writes to standard error instead.
 *
 * @example
 * serveExtension(defineExtension({ role: "recordStore", name: "nas", version: "1.0.0", contract: 1, options, open }));
 * @see spec/draft/wire.md
 */
export function serveExtension(served: Extension | readonly Extension[]): void {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout) as (chunk: Buffer, done: (error?: Error | null) => void) => boolean;
  const output = new Writable({
    decodeStrings: true,
    write: (chunk: Buffer, _, done) => void write(chunk, done),
  });
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  // The host may have died with the other end of the pipe.
  stdout.on("error", () => undefined);
  const extensions = Array.isArray(served) ? (served as readonly Extension[]) : [served as Extension];
  const session = new GuestSession(extensions, output);
  process.stdin.once("end", () => setTimeout(() => process.exit(1), endMilliseconds).unref());
  void session.run(process.stdin).finally(() => process.exit(0));
}
