// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomFillSync } from "node:crypto";
import type { Salt } from "@rmtc/spec";

const saltBytes = 16;
const pool: Buffer = Buffer.allocUnsafeSlow(256 * saltBytes);
let used: number = pool.length;

/** Draws a salt: 128 bits from the system's secure generator, in base64url without padding. */
export function newSalt(): Salt {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const salt = pool.toString("base64url", used, used + saltBytes);
  pool.fill(0, used, used + saltBytes);
  used += saltBytes;
  return salt;
}
