// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type KeyObject, sign, verify } from "node:crypto";

/**
 * Encodes what a DSSE signature is made over: `DSSEv1 <length> <type> <length> <payload>`, lengths in bytes.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const header = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(header), payload]);
}

/** Signs a DSSE payload with ECDSA on P-256 and SHA-256, and returns the DER signature in base64. */
export function signDsse(payloadType: string, payload: Uint8Array, privateKey: KeyObject): string {
  return sign("sha256", preAuthEncoding(payloadType, payload), privateKey).toString("base64");
}

/** Tells whether a DER signature in base64 is a public key's over a DSSE payload. */
export function verifyDsse(
  payloadType: string,
  payload: Uint8Array,
  signature: string,
  publicKey: KeyObject,
): boolean {
  return verify("sha256", preAuthEncoding(payloadType, payload), publicKey, Buffer.from(signature, "base64"));
}
