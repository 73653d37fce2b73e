// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { removeErasedBytes } from "./drop-blob.ts";
import { isSystemError } from "./fs-error.ts";
import { syncFiles } from "./sync-files.ts";
import { cleanLeftovers, TempFolder } from "./temp-folder.ts";

const FORMAT = "rmtc-blob-fs";
const FORMAT_VERSION = 1;

/** Makes a store's folder, or checks that it is one that this version knows, and cleans up after the dead. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "format.json");
  const format = await readFormat(path);
  if (format === undefined) await writeFormat(folder, path);
  else checkFormat(format, path);
  try {
    if (await cleanLeftovers(folder)) await removeErasedBytes(folder);
  } catch (error) {
    // Whoever may only read leaves the cleaning to those who write.
    if (!isSystemError(error, "EACCES", "EPERM", "EROFS")) throw error;
  }
}

async function readFormat(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function writeFormat(folder: string, path: string): Promise<void> {
  // Where the next one who opens the store looks for what the dead left.
  const temps = new TempFolder(folder);
  try {
    const temp = await temps.newPath("format-");
    await writeFile(temp, `${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION })}\n`, {
      flush: true,
    });
    await rename(temp, path);
  } finally {
    await temps.removeWithParent();
  }
  await syncFiles([folder]);
}

function checkFormat(text: string, path: string): void {
  let format: { readonly format?: unknown; readonly version?: unknown } | null;
  try {
    format = JSON.parse(text) as typeof format;
  } catch {
    format = null;
  }
  if (format?.format !== FORMAT) {
    throw new RmtcError("RMTC_STORE_DAMAGED", `${path} is not that of a blob store; choose another folder.`, {
      subject: path,
    });
  }
  if (format.version !== FORMAT_VERSION) {
    throw new RmtcError(
      "RMTC_STORE_VERSION_UNKNOWN",
      `${path} has format version ${String(format.version)}; this program knows ${FORMAT_VERSION}. Update it.`,
      { subject: path },
    );
  }
}
