// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { type BigIntStats, createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { type CallOptions, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";

/** A file's bytes and what to remember of it. */
export interface SourceFile {
  readonly bytes: Buffer;
  readonly digest: Digest;
  /** What differs when the bytes do; missing while a change could still go unseen. */
  readonly stamp?: string | undefined;
}

/**
 * Says by which stamp a file would be known.
 *
 * @throws RMTC_NOT_FOUND when the path does not exist; RMTC_PATH_INVALID when it is relative or no regular file.
 */
export async function stampOfSource(path: string): Promise<string> {
  return stampOf(await statSource(path));
}

/**
 * Reads and hashes a file.
 *
 * @param settledAfterMs a change that comes sooner after the one before may leave the file's times as they are
 * @throws RMTC_NOT_FOUND when the path does not exist; RMTC_PATH_INVALID when it is relative or no regular file.
 * @throws RMTC_STATE_INVALID when the file was changed while it was read.
 */
export async function readSource(
  path: string,
  settledAfterMs: number,
  options: CallOptions | undefined,
): Promise<SourceFile> {
  const before = await statSource(path);
  const settled = Date.now() - Number(before.ctimeMs) > settledAfterMs;
  const hash = createHash("sha256");
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    options?.signal?.throwIfAborted();
    hash.update(chunk);
    chunks.push(chunk);
  }
  const stamp = stampOf(before);
  if (stampOf(await statSource(path)) !== stamp) {
    throw new RmtcError("RMTC_STATE_INVALID", `${path} was changed while it was read; put it again.`, {
      subject: path,
    });
  }
  const digest = `sha256:${hash.digest("hex")}`;
  return { bytes: Buffer.concat(chunks), digest, stamp: settled ? stamp : undefined };
}

async function statSource(path: string): Promise<BigIntStats> {
  if (!isAbsolute(path)) throw refused("RMTC_PATH_INVALID", path, "is relative; give an absolute path");
  let found: BigIntStats;
  try {
    found = await stat(path, { bigint: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    throw refused("RMTC_NOT_FOUND", path, "does not exist; check the path", error);
  }
  if (!found.isFile()) throw refused("RMTC_PATH_INVALID", path, "is no regular file; name the file itself");
  return found;
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

function refused(
  code: "RMTC_NOT_FOUND" | "RMTC_PATH_INVALID",
  path: string,
  reason: string,
  cause?: unknown,
): RmtcError {
  return new RmtcError(code, `${path} ${reason}.`, { subject: path, cause });
}
