// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Says that bytes ended where more were needed; more bytes of the same file may cure it. */
export class TruncatedError extends RmtcError {
  constructor() {
    super("RMTC_FORMAT_INVALID", "The EXR file ends inside its header. It is cut off; export it again.");
  }
}

/** Walks over the bytes of a header and never past their end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves over `count` bytes and gives where they start. @throws TruncatedError when there are fewer. */
  skip(count: number): number {
    const start = this.at;
    if (start + count > this.bytes.byteLength) throw new TruncatedError();
    this.at += count;
    return start;
  }

  byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  float32(): number {
    return this.#view.getFloat32(this.skip(4), true);
  }

  /** Reads a name that ends in a zero byte, of at most 255 bytes of UTF-8; "" ends a list of names. */
  name(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end > this.at + 255 || (end < 0 && this.bytes.byteLength - this.at > 255)) {
      throw new RmtcError("RMTC_FORMAT_INVALID", "The EXR header has a name of more than 255 bytes.");
    }
    if (end < 0) throw new TruncatedError();
    const bytes = this.bytes.subarray(this.skip(end - this.at + 1), end);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new RmtcError("RMTC_FORMAT_INVALID", "The EXR header has a name that is not UTF-8.", { cause });
    }
  }
}
