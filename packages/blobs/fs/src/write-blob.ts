// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rename, rm } from "node:fs/promises";
import { type BlobStatus, isRmtcError, RmtcError } from "@rmtc/contract";
import { abortableItems } from "./abortable.ts";
import { partialPath } from "./blob-path.ts";
import type { BlobThreads } from "./blob-threads.ts";
import { BlobWriter } from "./blob-writer.ts";
import { isSystemError } from "./fs-error.ts";
import { syncFiles } from "./sync-files.ts";
import { keepPartial, type TempFolder } from "./temp-folder.ts";

/** Where an open store writes. */
export interface BlobPlace {
  readonly folder: string;
  readonly threads: BlobThreads;
  readonly temp: TempFolder;
}

/** Stores a stream of bytes, which must have the digest `expected` if it is given. */
export async function writeBlob(
  place: BlobPlace,
  bytes: AsyncIterable<Uint8Array>,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<BlobStatus> {
  if (expected !== undefined) await refuseErased(place, expected);
  const temp = await place.temp.newPath("write-");
  try {
    return await fill(place, temp, expected, Number.POSITIVE_INFINITY, () => bytes, signal);
  } finally {
    await rm(temp, { force: true });
  }
}

/**
 * Goes on with an upload. It takes the unfinished file for itself by a rename, so that two who upload the same
 * blob never write into one file, and puts it back when it fails.
 */
export async function resumeBlob(
  place: BlobPlace,
  blob: { readonly hex: string; readonly sizeBytes: number },
  bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<BlobStatus> {
  const status = await refuseErased(place, blob.hex);
  if (status.state === "stored") return status;
  const temp = await place.temp.newPartialPath(blob.hex);
  try {
    await rename(partialPath(place.folder, blob.hex), temp);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
  try {
    return await fill(place, temp, blob.hex, blob.sizeBytes, bytesFrom, signal);
  } catch (error) {
    if (isRmtcError(error, "RMTC_DIGEST_MISMATCH", "RMTC_BLOB_ERASED")) await rm(temp, { force: true });
    else await keepPartial(place.folder, blob.hex, temp);
    throw error;
  }
}

async function fill(
  place: BlobPlace,
  temp: string,
  expected: string | undefined,
  maximumBytes: number,
  bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<BlobStatus> {
  const { hex, sizeBytes } = await receive(temp, maximumBytes, bytesFrom, signal);
  if (expected !== undefined && hex !== expected) {
    throw new RmtcError(
      "RMTC_DIGEST_MISMATCH",
      `The bytes have the digest sha256:${hex}, not sha256:${expected}; nothing was kept. Send them again.`,
      { subject: `sha256:${expected}` },
    );
  }
  await syncFiles(await place.threads.call("publish", [{ hex, temp }]));
  return { digest: `sha256:${hex}`, state: "stored", sizeBytes };
}

/** Adds bytes to a file until they end or are more than they may be, which the digest shows then. */
async function receive(
  temp: string,
  maximumBytes: number,
  bytesFrom: (offset: number) => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ readonly hex: string; readonly sizeBytes: number }> {
  await using writer = await BlobWriter.open(temp, signal);
  if (writer.sizeBytes < maximumBytes) {
    for await (const chunk of abortableItems(bytesFrom(writer.sizeBytes), signal)) {
      await writer.add(chunk);
      if (writer.sizeBytes > maximumBytes) break;
    }
  }
  return { hex: await writer.finish(), sizeBytes: writer.sizeBytes };
}

async function refuseErased(place: BlobPlace, hex: string): Promise<BlobStatus> {
  const [status] = await place.threads.call("status", [hex]);
  if (status !== undefined && status.state !== "erased") return status;
  throw new RmtcError("RMTC_BLOB_ERASED", `sha256:${hex} was erased here; its bytes never come back.`, {
    subject: `sha256:${hex}`,
  });
}
