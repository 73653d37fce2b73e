// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import type { Digest } from "@rmtc/spec";

/** Computes the SHA-256 of bytes, or of a text's UTF-8 bytes, as `sha256:` and lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${hash("sha256", content)}`;
}

/** Tells whether a value is a well-formed digest. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** Converts a digest to its 32 bytes. The digest must be well formed. */
export function digestToBytes(digest: Digest): Buffer {
  return Buffer.from(digest.slice("sha256:".length), "hex");
}

/** Converts 32 bytes of SHA-256 to a digest. */
export function digestFromBytes(bytes: Buffer): Digest {
  return `sha256:${bytes.toString("hex")}`;
}
