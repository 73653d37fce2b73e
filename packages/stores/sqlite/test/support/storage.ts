// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads every byte that lies in a folder: the file, its log, and whatever else is there. */
export async function readStorage(folder: string): Promise<Buffer> {
  const names = await readdir(folder);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
}
