// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { execFile } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A named pipe at which tasks wait. */
export interface Gate extends AsyncDisposable {
  /** A line of shell that waits until the gate lets it through. */
  readonly wait: string;
  /** Lets so many through. */
  pass(count?: number): Promise<void>;
}

export async function makeGate(folder: string, name = "gate"): Promise<Gate> {
  const path = join(folder, name);
  await promisify(execFile)("mkfifo", [path]);
  // Open for both, so that neither end waits for the other.
  const handle: FileHandle = await open(path, "r+");
  return {
    wait: `read -r _ < '${path}'`,
    pass: async (count = 1) => {
      await handle.write("go\n".repeat(count));
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
