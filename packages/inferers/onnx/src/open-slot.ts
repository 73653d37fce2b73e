// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { openSlotFile } from "@rmtc/tensor";
import type { SlotTensor } from "./session-calls.ts";

/** Most bytes of one system call. */
const MAX_CALL_BYTES = 2 ** 30;

/** Moves bytes between memory and a file, and returns how many. */
type Transfer = (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => number;

/**
 * A slot file as the computing process uses it: by calls that block, because between two runs nothing else is to
 * be done, and an answer that has to wait for the event loop would wait for the whole next run.
 */
export class OpenSlot {
  readonly tensors: readonly SlotTensor[];
  readonly #file: number;
  readonly #places: ReadonlyMap<string, number>;

  private constructor(file: number, tensors: readonly SlotTensor[], places: ReadonlyMap<string, number>) {
    this.#file = file;
    this.tensors = tensors;
    this.#places = places;
  }

  /** Opens a slot file that the host made. @throws RMTC_FORMAT_INVALID, RMTC_NOT_FOUND as `openSlotFile`. */
  static async open(path: string): Promise<OpenSlot> {
    const slot = await openSlotFile(path);
    try {
      const entries = [...slot.tensors.values()];
      return new OpenSlot(
        openSync(path, constants.O_RDWR),
        entries.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        new Map(entries.map(({ name, byteOffset }) => [name, byteOffset])),
      );
    } finally {
      await slot.close();
    }
  }

  /** Fills `target` from the start of a tensor. */
  read(name: string, target: Uint8Array): void {
    this.#transfer(name, target, 0, (...from) => readSync(...from));
  }

  /** Writes `source` at byte `offset` of a tensor. */
  write(name: string, source: Uint8Array, offset: number): void {
    this.#transfer(name, source, offset, (...to) => writeSync(...to));
  }

  close(): void {
    closeSync(this.#file);
  }

  #transfer(name: string, bytes: Uint8Array, offset: number, call: Transfer): void {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`The slot file has no tensor ${name}.`);
    for (let done = 0; done < bytes.byteLength; ) {
      const length = Math.min(MAX_CALL_BYTES, bytes.byteLength - done);
      const moved = call(this.#file, bytes, done, length, place + offset + done);
      if (moved === 0) throw new Error(`The slot file ends inside tensor ${name}.`);
      done += moved;
    }
  }
}
