// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { lstat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { RmtcError } from "@rmtc/contract";
import type { OpenedInstance, RemoteInstance } from "./remote-instance.ts";

/**
 * Checks that files that a guest reports lie in the folder that it was to write to, and are no links.
 *
 * @throws RMTC_PATH_INVALID, and ends the guest, when one does not.
 * @see spec/draft/wire.md#rmtc-wir-079
 */
export async function checkReportedFiles(
  remote: RemoteInstance<OpenedInstance>,
  files: readonly { readonly path: string }[],
  folder: string,
): Promise<void> {
  for (const { path } of files) {
    if (await isOwnFile(folder, path)) continue;
    const { connection } = await remote.connect();
    throw connection.breach(
      new RmtcError(
        "RMTC_PATH_INVALID",
        `The guest reports ${path}, which is no regular file in ${folder} that is reached without links.`,
        { subject: path },
      ),
    );
  }
}

async function isOwnFile(folder: string, path: string): Promise<boolean> {
  const inner = relative(folder, path);
  if (!isAbsolute(path) || inner === "" || isAbsolute(inner)) return false;
  let place = folder;
  const steps = inner.split(sep);
  for (const [index, step] of steps.entries()) {
    if (step === "..") return false;
    place = join(place, step);
    const stat = await lstat(place).catch(() => undefined);
    if (index < steps.length - 1 ? stat?.isDirectory() !== true : stat?.isFile() !== true) return false;
  }
  return true;
}
