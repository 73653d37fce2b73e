// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { chmod, open } from "node:fs/promises";

/** Flips the lowest bit of a read-only file's first byte. */
export async function flipBit(path: string): Promise<void> {
  await chmod(path, 0o644);
  await using handle = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 0);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await handle.write(byte, 0, 1, 0);
  await handle.chmod(0o444);
}
