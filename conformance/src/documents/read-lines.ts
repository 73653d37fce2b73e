// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { open } from "node:fs/promises";
import type { CallOptions } from "@rmtc/contract";

/** A line that is longer than what may be held. */
export const tooLong: unique symbol = Symbol("too long");

/**
 * Reads a file line by line, without the line feeds; the last line may lack its own.
 *
 * A line of more than `maxBytes` is given as {@link tooLong}, and ends the reading.
 */
export async function* readLines(
  path: string,
  maxBytes: number,
  options: CallOptions = {},
): AsyncGenerator<Buffer | typeof tooLong> {
  await using file = await open(path, "r");
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, signal: options.signal })) {
    let start = 0;
    const bytes = chunk as Buffer;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      if (pendingBytes + end - start > maxBytes) return yield tooLong;
      yield pending.length === 0
        ? bytes.subarray(start, end)
        : Buffer.concat([...pending, bytes.subarray(start, end)]);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start < bytes.length) pending.push(bytes.subarray(start));
    pendingBytes += bytes.length - start;
    if (pendingBytes > maxBytes) return yield tooLong;
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}
