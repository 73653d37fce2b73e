// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { fileError } from "@rmtc/core";

/**
 * Writes a folder with all its files: it is there as a whole or, after a kill, not at all.
 *
 * @param folder Absolute path; its parent is made if it is missing.
 * @throws RMTC_STATE_INVALID when there is something already; nothing is overwritten.
 * @throws RMTC_ACCESS_DENIED, RMTC_PATH_INVALID, RMTC_STORE_FULL when it cannot be written.
 */
export async function writeNewFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const parent = dirname(folder);
  try {
    if (await isThere(folder)) throw takenError(folder);
    await mkdir(parent, { recursive: true });
    const aside = await mkdtemp(join(parent, `.${basename(folder)}-`));
    try {
      const made = join(aside, "new");
      for (const [path, text] of files) {
        await mkdir(dirname(join(made, path)), { recursive: true });
        await writeFile(join(made, path), text, { flag: "wx" });
      }
      await rename(made, folder);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOTEMPTY" ? takenError(folder) : fileError(error, folder);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function takenError(folder: string): RmtcError {
  return new RmtcError(
    "RMTC_STATE_INVALID",
    `${folder} exists already; nothing was written. Choose another name, or another folder with --into.`,
    { subject: folder },
  );
}
