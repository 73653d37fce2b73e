// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, RecordId } from "@rmtc/spec";

/** SQL that converts a parameter with a record id to its 16 bytes. */
export function idParameter(parameter = "?"): string {
  return `unhex(substr(${parameter}, 10), '-')`;
}

/** SQL that converts a parameter with a digest to its 32 bytes. */
export function digestParameter(parameter = "?"): string {
  return `unhex(substr(${parameter}, 8))`;
}

/** Converts 32 lower-case hexadecimal digits, as `lower(hex(id))` returns them, to a record id. */
export function idFromHex(hex: string): RecordId {
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Converts 64 lower-case hexadecimal digits to a digest. */
export function digestFromHex(hex: string): Digest {
  return `sha256:${hex}`;
}

/** The first 48 bits of a digest: enough to find it by, small in an index, and exact in JavaScript. */
export function digestHead(digest: Digest): number {
  return Number.parseInt(digest.slice(7, 19), 16);
}
