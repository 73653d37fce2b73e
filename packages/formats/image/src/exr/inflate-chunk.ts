// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { promisify } from "node:util";
import { type InputType, inflate, inflateSync, type ZlibOptions } from "node:zlib";
import { RmtcError } from "@rmtc/contract";

const inflateInPool: (input: InputType, options: ZlibOptions) => Promise<Buffer> = promisify(inflate);

/** Room behind the expected bytes, so that zlib ends in one go and a longer stream is seen. */
const slack = 64;

/**
 * Expands a zlib stream to exactly `size` bytes, here or, with `inPool`, on a thread of Node's pool.
 *
 * @throws RMTC_FORMAT_INVALID when the stream is damaged, or of another length.
 */
export async function inflateChunk(packed: Uint8Array, size: number, inPool: boolean): Promise<Uint8Array> {
  const options = { chunkSize: size + slack, maxOutputLength: size + slack };
  let bytes: Uint8Array;
  try {
    bytes = inPool ? await inflateInPool(packed, options) : inflateSync(packed, options);
  } catch (cause) {
    throw new RmtcError("RMTC_FORMAT_INVALID", "A ZIP chunk of the EXR file is damaged. Export it again.", {
      cause,
    });
  }
  if (bytes.byteLength !== size) {
    const message = `A ZIP chunk of the EXR file has ${bytes.byteLength} bytes where ${size} belong. Export it again.`;
    throw new RmtcError("RMTC_FORMAT_INVALID", message);
  }
  return bytes;
}
