// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants, readSync, writeSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { createSlotFile, readFully, tensorByteLength, writeFully } from "@rmtc/tensor";
import type { SlotTensor } from "./session-calls.ts";
import { slotPath } from "./slot-path.ts";

/** Up to this size bytes are copied at once, a millisecond or two: handing them to a thread costs more. */
const QUICK_BYTES = 2 ** 22;

/** A slot file as the host uses it. */
export class HostSlot {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #places: ReadonlyMap<string, number>;
  /** Whether no call on the file can have to wait for a disk. */
  readonly #inMemory: boolean;
  /** Bytes copied since the event loop had a turn. */
  #copied = 0;

  private constructor(
    path: string,
    file: FileHandle,
    places: ReadonlyMap<string, number>,
    inMemory: boolean,
  ) {
    this.path = path;
    this.#file = file;
    this.#places = places;
    this.#inMemory = inMemory;
  }

  /** Creates a slot file for tensors of these shapes. @throws RMTC_STORE_FULL when there is no room for it. */
  static async create(tensors: readonly SlotTensor[]): Promise<HostSlot> {
    const byteLength = tensors.reduce((sum, { dtype, shape }) => sum + tensorByteLength(dtype, shape), 0);
    const { path, inMemory } = await slotPath(byteLength);
    await using slot = await createSlotFile(path, tensors);
    const places = new Map([...slot.tensors.values()].map(({ name, byteOffset }) => [name, byteOffset]));
    return new HostSlot(path, await open(path, constants.O_RDWR), places, inMemory);
  }

  /** Writes `source` at byte `offset` of a tensor. */
  async write(name: string, source: Uint8Array, offset: number): Promise<void> {
    const place = this.#placeOf(name) + offset;
    if (await this.#isQuick(source)) {
      const written = writeSync(this.#file.fd, source, 0, source.byteLength, place);
      if (written === source.byteLength) return;
    }
    await writeFully(this.#file, source, place);
  }

  /** Fills `target` from byte `offset` of a tensor. */
  async read(name: string, target: Uint8Array, offset: number): Promise<void> {
    const place = this.#placeOf(name) + offset;
    if (await this.#isQuick(target)) {
      const read = readSync(this.#file.fd, target, 0, target.byteLength, place);
      if (read === target.byteLength) return;
    }
    await readFully(this.#file, target, place);
  }

  /**
   * Takes the file's name away, once the guest has it open, so that no crash can leave it behind: the bytes live as
   * long as one of both holds it open.
   */
  async hide(): Promise<void> {
    await unlink(this.path);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #placeOf(name: string): number {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`The slot file has no tensor ${name}.`);
    return place;
  }

  /** Decides how bytes are moved; many small moves give the event loop its turns as well. */
  async #isQuick({ byteLength }: Uint8Array): Promise<boolean> {
    if (!this.#inMemory || byteLength > QUICK_BYTES) return false;
    this.#copied += byteLength;
    if (this.#copied > 2 * QUICK_BYTES) {
      this.#copied = byteLength;
      await setImmediate();
    }
    return true;
  }
}
