// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createPrivateKey, createPublicKey, hash, type KeyObject } from "node:crypto";
import { RmtcError } from "@rmtc/contract";

/**
 * Computes a key's id: SHA-256, in hexadecimal, of the public key's PEM text (SPKI), as OpenSSF Model Signing does.
 *
 * @throws RMTC_OPTION_INVALID when the text is not a P-256 public key in PEM.
 */
export function keyId(publicKeyPem: string): string {
  return keyIdOf(readPublicKey(publicKeyPem));
}

/** Computes the id of a key that was read. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash("sha256", publicKey.export({ type: "spki", format: "pem" }));
}

/** Reads a P-256 public key. @throws RMTC_OPTION_INVALID when it is anything else. */
export function readPublicKey(pem: string): KeyObject {
  return read(pem, "public", createPublicKey);
}

/** Reads a P-256 private key. @throws RMTC_OPTION_INVALID when it is anything else. */
export function readPrivateKey(pem: string): KeyObject {
  return read(pem, "private", createPrivateKey);
}

function read(pem: string, type: "public" | "private", create: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = create(pem);
  } catch (cause) {
    throw new RmtcError("RMTC_OPTION_INVALID", `A ${type} key cannot be read: it is not PEM of a key.`, {
      cause,
    });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new RmtcError("RMTC_OPTION_INVALID", `A ${type} key is not an elliptic-curve key on P-256.`);
  }
  return key;
}
