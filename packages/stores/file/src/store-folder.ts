// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { errorFromFile, isMissing } from "./file-error.ts";
import { defaultIndexFolder, type FileOptions } from "./file-options.ts";
import { removeDeadFiles, writeDurably } from "./write-durably.ts";

/** An opened folder. */
export interface StoreFolder {
  /** Its real path. */
  readonly path: string;
  /** The folder of this machine's index. */
  readonly index: string;
  /** What copies of the folder have in common. */
  readonly id: string;
}

const format = "rmtc-file-store";
const version = 1;
const marker = "rmtc-store.json";

/**
 * Opens a folder and its index folder, and creates both if need be.
 *
 * @throws RMTC_NOT_FOUND when the folder around it does not exist.
 * @throws RMTC_OPTION_INVALID when there is a file in its place.
 * @throws RMTC_ACCESS_DENIED when this user may not write there.
 * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version made it; RMTC_FORMAT_INVALID when something else did;
 * RMTC_STORE_DAMAGED when `rmtc-store.json` cannot be read.
 */
export async function openStoreFolder(options: FileOptions): Promise<StoreFolder> {
  const given = resolve(options.path);
  try {
    await mkdir(given).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw missing(dirname(given));
      if (!(await stat(given).catch(() => undefined))?.isDirectory()) throw error;
    });
    const path = await realpath(given);
    await removeDeadFiles(path);
    const index = options.index === undefined ? defaultIndexFolder(path) : resolve(options.index);
    await mkdir(index, { recursive: true, mode: 0o700 });
    return { path, index, id: await readIdentity(path) };
  } catch (error) {
    throw errorFromFile(error, given);
  }
}

async function readIdentity(path: string): Promise<string> {
  const file = join(path, marker);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (text !== undefined) return parseIdentity(text, file);
  const made = `${JSON.stringify({ format, version, id: randomUUID() }, undefined, 1)}\n`;
  await writeDurably(path, marker, Buffer.from(made));
  // Whoever else made one at the same time may have come last.
  return parseIdentity(await readFile(file, "utf8"), file);
}

function parseIdentity(text: string, file: string): string {
  let parsed: Partial<Record<"format" | "version" | "id", unknown>> | null;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    const message = `${file} is no JSON; restore it from a copy, or delete it to have it made anew.`;
    throw new RmtcError("RMTC_STORE_DAMAGED", message, { subject: file, cause });
  }
  if (parsed?.format !== format || typeof parsed.id !== "string") {
    const message = `${file} is not the ${basename(file)} of a store; give the path of another folder.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message, { subject: file });
  }
  if (parsed.version === version) return parsed.id;
  const message = `${file} has version ${JSON.stringify(parsed.version)}, and this code knows ${version}; update it.`;
  throw new RmtcError("RMTC_STORE_VERSION_UNKNOWN", message, { subject: file });
}

function missing(folder: string): RmtcError {
  return new RmtcError("RMTC_NOT_FOUND", `The folder ${folder} does not exist; create it first.`, {
    subject: folder,
  });
}
