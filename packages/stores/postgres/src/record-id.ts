// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, RecordId } from "@rmtc/spec";

const idForm = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;

/** Returns the UUID of an id, or `undefined` for a text that is the id of no record. */
export function uuidOf(id: RecordId): string | undefined {
  return typeof id === "string" && idForm.test(id) ? id.slice("urn:uuid:".length) : undefined;
}

/** The UUIDs of those texts that are ids. */
export function uuidsOf(ids: readonly unknown[]): readonly string[] {
  return ids.map((id) => uuidOf(id as RecordId)).filter((uuid) => uuid !== undefined);
}

/** Returns the id of a UUID. */
export function idOf(uuid: string): RecordId {
  return `urn:uuid:${uuid}`;
}

/** Returns a digest as the server reads bytes, or `undefined` for a text that is no digest. */
export function bytesOf(digest: Digest): string | undefined {
  return typeof digest === "string" && digestForm.test(digest)
    ? `\\x${digest.slice("sha256:".length)}`
    : undefined;
}

/** Returns the digest of 32 bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}
