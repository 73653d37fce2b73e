// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { CallOptions } from "@rmtc/contract";

const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/**
 * Computes the C4 ID of a file (SMPTE ST 2114): `c4`, and the SHA-512 of its bytes in 88 digits of base 58.
 *
 * Failures to read pass through as they are.
 */
export async function c4IdOf(path: string, options: CallOptions = {}): Promise<string> {
  const hash = createHash("sha512");
  for await (const chunk of createReadStream(path, { signal: options.signal })) hash.update(chunk);
  let value = BigInt(`0x${hash.digest("hex")}`);
  let text = "";
  for (; value > 0n; value /= 58n) text = `${digits[Number(value % 58n)]}${text}`;
  return `c4${text.padStart(88, "1")}`;
}
