// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { RmtcError } from "@rmtc/contract";
import { blobPath } from "./blob-path.ts";
import { readBlobStatus } from "./blob-state.ts";
import { type FileStamp, sameStamp, stampOf, unsettledMs } from "./file-stamp.ts";
import { isSystemError, translateFsError } from "./fs-error.ts";
import { hashFile } from "./hash-file.ts";
import { addReference, type Reference, readReferences } from "./reference-file.ts";

/** Where a blob's bytes can be read; with the stamp that was found good if that is a file registered in place. */
export interface BlobLocation {
  readonly path: string;
  readonly stamp?: FileStamp | undefined;
}

/**
 * Finds where a blob's bytes can be read now. A file registered in place is believed while its
 * stamp is the same, and hashed again otherwise.
 *
 * @throws RMTC_NOT_FOUND, RMTC_BLOB_EVICTED, RMTC_BLOB_ERASED in these states.
 * @throws RMTC_DIGEST_MISMATCH when every place where it is registered has changed or gone.
 */
export async function locateBlob(folder: string, hex: string, signal: AbortSignal): Promise<BlobLocation> {
  const { digest, state } = readBlobStatus(folder, hex);
  if (state === "stored") return { path: blobPath(folder, hex) };
  if (state === "neverHeld") {
    throw new RmtcError("RMTC_NOT_FOUND", `${digest} was never held in ${folder}.`, { subject: digest });
  }
  if (state === "erased") {
    throw new RmtcError("RMTC_BLOB_ERASED", `${digest} was erased in ${folder}; it never comes back.`, {
      subject: digest,
    });
  }
  if (state === "evicted") {
    throw new RmtcError("RMTC_BLOB_EVICTED", `${digest} was evicted from ${folder}; put its bytes again.`, {
      subject: digest,
    });
  }
  const references = readReferences(blobPath(folder, hex, ".reference"));
  for (const reference of references) {
    if (isUnchanged(reference)) return reference;
  }
  for (const reference of references) {
    const confirmed = await confirm(folder, hex, reference, signal);
    if (confirmed !== undefined) return confirmed;
  }
  const places = references.map(({ path }) => path).join(", ");
  throw new RmtcError(
    "RMTC_DIGEST_MISMATCH",
    `The file registered in place for ${digest} was changed or removed: ${places}. Restore it, or put the bytes again.`,
    { subject: digest },
  );
}

function isUnchanged(reference: Reference): boolean {
  try {
    const stat = statSync(reference.path, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() === true && sameStamp(stampOf(stat), reference.stamp);
  } catch {
    return false;
  }
}

/** Hashes a registered file again and, if it holds the blob still, notes its new stamp. */
async function confirm(
  folder: string,
  hex: string,
  reference: Reference,
  signal: AbortSignal,
): Promise<Reference | undefined> {
  const { path } = reference;
  let source: Awaited<ReturnType<typeof open>>;
  try {
    source = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw translateFsError(error, "source", path);
  }
  try {
    const stat = await source.stat({ bigint: true });
    const stamp = stampOf(stat);
    if (!stat.isFile() || stamp.sizeBytes !== reference.stamp.sizeBytes) return undefined;
    const settled = unsettledMs(stamp, path) === 0;
    const hashed = await hashFile(source.fd, undefined, signal);
    const after = stampOf(await source.stat({ bigint: true }));
    if (hashed.hex !== hex || !sameStamp(stamp, after)) return undefined;
    if (settled) noteStamp(folder, hex, { path, stamp });
    return { path, stamp };
  } finally {
    await source.close();
  }
}

/** A store that may only be read still reads; it hashes again the next time. */
function noteStamp(folder: string, hex: string, reference: Reference): void {
  try {
    addReference(blobPath(folder, hex, ".reference"), reference);
  } catch (error) {
    if (!isSystemError(error, "EACCES", "EPERM", "EROFS")) throw error;
  }
}
