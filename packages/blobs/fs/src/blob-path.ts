// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";

/** What stands beside the bytes of a blob, as a suffix of its file name. */
export type BlobFileSuffix = "" | ".reference" | ".evicted";

/**
 * Returns the 64 hexadecimal digits of a digest, safe to be part of a path.
 *
 * @throws RMTC_OPTION_INVALID when it is not `sha256:` and 64 lower-case hexadecimal digits.
 */
export function digestHex(digest: Digest): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest.slice("sha256:".length);
  throw new RmtcError(
    "RMTC_OPTION_INVALID",
    `“${digest}” is no digest; give “sha256:” and 64 lower-case hexadecimal digits.`,
    { subject: digest },
  );
}

/** Returns where the bytes of a blob lie in a store, or with a suffix what is noted about it. */
export function blobPath(folder: string, hex: string, suffix: BlobFileSuffix = ""): string {
  return join(folder, "sha256", hex.slice(0, 2), hex.slice(2) + suffix);
}

/** Returns where the mark lies that a blob was erased. */
export function erasedPath(folder: string, hex: string): string {
  return join(folder, "erased", hex.slice(0, 2), hex.slice(2));
}

/** Returns where the bytes of an unfinished upload lie. */
export function partialPath(folder: string, hex: string): string {
  return join(folder, "partial", hex);
}
