// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

const lineFeed = 0x0a;

/**
 * Splits a stream of bytes into lines, without their line feeds; what follows the last one is dropped.
 *
 * It never holds more than one line and one chunk.
 *
 * @throws RMTC_LIMIT_EXCEEDED when a line has more than `maxBytes`, as soon as that is known.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer, void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let start = 0; start < bytes.length; ) {
      const found = bytes.indexOf(lineFeed, start);
      const end = found === -1 ? bytes.length : found;
      length += end - start;
      if (length > maxBytes) {
        throw new RmtcError("RMTC_LIMIT_EXCEEDED", `A line has more than ${maxBytes} bytes.`);
      }
      parts.push(bytes.subarray(start, end));
      start = end + 1;
      if (found === -1) continue;
      yield parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, length);
      parts = [];
      length = 0;
    }
  }
}
