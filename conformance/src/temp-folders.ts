// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Empty folders for one case, all of which are removed after it. */
export class TempFolders {
  readonly #paths: string[] = [];

  /** Makes a folder and returns its absolute path. */
  make(): string {
    const path = mkdtempSync(join(tmpdir(), "rmtc-conformance-"));
    this.#paths.push(path);
    return path;
  }

  /** Removes every folder with what is in it. */
  async remove(): Promise<void> {
    for (const path of this.#paths.splice(0)) await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
