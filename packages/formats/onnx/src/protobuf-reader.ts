// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";

/** Protobuf wire types; groups (3 and 4) are long deprecated and refused. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Strings and list entries one file may hold: far above real models, low enough to bound memory. */
const MAX_ENTRIES = 2 ** 22;

/** Entries that a nested message counts for, since each becomes an object of several fields. */
const MESSAGE_ENTRIES = 8;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Counts what a whole file has made us allocate, across all of its nested messages. */
export interface ReadBudget {
  entries: number;
}

/**
 * Walks the fields of one protobuf message without copying its bytes.
 *
 * Every read is checked against the end of the message, and every list entry against a budget that all nested
 * messages share, so that damaged bytes end in an error before they cost memory.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  /** Number of the field that {@link next} found. */
  field = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: ReadBudget;
  readonly #end: number;
  #at: number;
  #fieldStart = 0;
  #wireType = 0;
  #rest: Uint8Array[] = [];

  constructor(bytes: Uint8Array, budget: ReadBudget) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = budget;
    this.#at = 0;
    this.#end = bytes.byteLength;
  }

  /** Moves to the next field and tells whether there is one. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    this.#fieldStart = this.#at;
    const tag = this.#varint();
    this.field = Number(tag >> 3n);
    this.#wireType = Number(tag & 7n);
    if (this.field === 0 || tag > 0xffff_ffffn) this.fail("a field number is out of range");
    return true;
  }

  /** Reads the field as a signed 64-bit integer. */
  int64(): bigint {
    this.#expect(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  /** Reads the field as a non-negative integer that JavaScript holds exactly. */
  count(): number {
    this.#expect(VARINT);
    const value = this.#varint();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.fail("a number is out of range");
    return Number(value);
  }

  /** Reads the field as a 32-bit float. */
  float(): number {
    this.#expect(FIXED32);
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** Reads the field as a length-delimited byte string: a view into the file, not a copy. */
  bytes(): Uint8Array {
    this.#expect(BYTES);
    this.#spend();
    const length = this.#varint();
    if (length > BigInt(this.#end - this.#at)) this.fail("a length runs past the end");
    const start = this.#take(Number(length));
    return this.#bytes.subarray(start, this.#at);
  }

  /** Reads the field as UTF-8 text. */
  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new RmtcError("RMTC_FORMAT_INVALID", "The ONNX file holds text that is not UTF-8.", { cause });
    }
  }

  /** Opens the field as a nested message. */
  message(): ProtobufReader {
    this.#spend(MESSAGE_ENTRIES);
    return new ProtobufReader(this.bytes(), this.#budget);
  }

  /** Opens the field as a nested message without moving past it: `bytes` or `keep` must follow. */
  peekMessage(): ProtobufReader {
    const start = this.#at;
    const message = this.message();
    this.#at = start;
    return message;
  }

  /** Appends the field's integers, packed or single, to `into`. */
  int64s(into: bigint[]): void {
    if (this.#wireType === VARINT) {
      this.#spend();
      into.push(this.int64());
      return;
    }
    const packed = new ProtobufReader(this.bytes(), this.#budget);
    while (packed.#at < packed.#end) {
      this.#spend();
      into.push(BigInt.asIntN(64, packed.#varint()));
    }
  }

  /** Appends the field's fixed-size values, packed or single, to `into` as raw little-endian bytes. */
  fixed(size: 4 | 8, into: Uint8Array[]): void {
    if (this.#wireType === BYTES) {
      const bytes = this.bytes();
      if (bytes.byteLength % size !== 0) this.fail("a packed list has a partial value");
      into.push(bytes);
      return;
    }
    this.#expect(size === 4 ? FIXED32 : FIXED64);
    this.#spend();
    const start = this.#take(size);
    into.push(this.#bytes.subarray(start, this.#at));
  }

  /** Reads the field's integers, packed or single, without spending a list entry on each. */
  varints(): BigInt64Array {
    if (this.#wireType === VARINT) return BigInt64Array.of(this.int64());
    const packed = new ProtobufReader(this.bytes(), this.#budget);
    const values = new BigInt64Array(packed.#end);
    let count = 0;
    while (packed.#at < packed.#end) values[count++] = BigInt.asIntN(64, packed.#varint());
    return values.subarray(0, count);
  }

  /** Keeps the field verbatim among the bytes that {@link rest} returns. */
  keep(): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#take(8);
    else if (this.#wireType === FIXED32) this.#take(4);
    else this.bytes();
    this.#rest.push(this.#bytes.subarray(this.#fieldStart, this.#at));
  }

  /** Returns the kept fields, in file order, or `undefined` when there are none. */
  rest(): Uint8Array | undefined {
    if (this.#rest.length === 0) return undefined;
    if (this.#rest.length === 1) return this.#rest[0];
    return new Uint8Array(Buffer.concat(this.#rest));
  }

  /** Ends the reading. @throws RMTC_FORMAT_INVALID always. */
  fail(problem: string): never {
    throw new RmtcError("RMTC_FORMAT_INVALID", `The ONNX file is damaged: ${problem} (field ${this.field}).`);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) this.fail(`wire type ${this.#wireType} where ${wireType} belongs`);
  }

  #spend(entries = 1): void {
    this.#budget.entries += entries;
    if (this.#budget.entries > MAX_ENTRIES) {
      throw new RmtcError("RMTC_LIMIT_EXCEEDED", `The ONNX file holds more than ${MAX_ENTRIES} entries.`);
    }
  }

  #take(size: number): number {
    const start = this.#at;
    if (size > this.#end - start) this.fail("the file ends inside a field");
    this.#at = start + size;
    return start;
  }

  #varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      low += (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return this.fail("a number is longer than ten bytes");
  }
}
