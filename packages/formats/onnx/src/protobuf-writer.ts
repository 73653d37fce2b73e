// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/**
 * Builds one protobuf message, field by field, in the order of the calls.
 *
 * The same calls always give the same bytes. Zero and empty values are written like any other: whoever calls
 * leaves out what is absent.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Writes an integer field of any sign, as a varint in two's complement. */
  int64(field: number, value: bigint | number): void {
    this.#push(Uint8Array.from([...varint(tag(field, 0)), ...varint(BigInt.asUintN(64, BigInt(value)))]));
  }

  /** Writes a 32-bit float field. */
  float(field: number, value: number): void {
    this.#push(Uint8Array.from([...varint(tag(field, 5)), ...new Uint8Array(Float32Array.of(value).buffer)]));
  }

  /** Writes a byte string, or nothing but its kept `chunks` joined. */
  bytes(field: number, value: Uint8Array): void {
    this.#push(Uint8Array.from([...varint(tag(field, 2)), ...varint(BigInt(value.byteLength))]));
    this.#push(value);
  }

  /** Writes UTF-8 text. */
  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
  }

  /** Writes integers as one packed field; nothing when there are none. */
  packedInt64s(field: number, values: readonly bigint[]): void {
    if (values.length === 0) return;
    const packed: number[] = [];
    for (const value of values) packed.push(...varint(BigInt.asUintN(64, value)));
    this.bytes(field, Uint8Array.from(packed));
  }

  /** Writes a nested message that `write` fills. */
  message(field: number, write: (nested: ProtobufWriter) => void): void {
    const nested = new ProtobufWriter();
    write(nested);
    this.#push(Uint8Array.from([...varint(tag(field, 2)), ...varint(BigInt(nested.#size))]));
    for (const chunk of nested.#chunks) this.#push(chunk);
  }

  /** Appends fields that a reader kept verbatim. */
  rest(fields: Uint8Array | undefined): void {
    if (fields !== undefined) this.#push(fields);
  }

  /** Returns the whole message. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.byteLength;
    }
    return out;
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }
}

function tag(field: number, wireType: number): bigint {
  return BigInt(field * 8 + wireType);
}

function varint(value: bigint): number[] {
  const out: number[] = [];
  let left = value;
  while (left > 0x7fn) {
    out.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  out.push(Number(left));
  return out;
}
