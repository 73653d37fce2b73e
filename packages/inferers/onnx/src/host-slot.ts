// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { unlink } from "node:fs/promises";
import { createSlotFile, type SlotFile, type TensorData, tensorByteLength } from "@rmtc/tensor";
import { OpenSlot } from "./open-slot.ts";
import type { SlotTensor } from "./session-calls.ts";
import { slotPath } from "./slot-path.ts";

/** Tensors up to this size are copied at once, a millisecond at most: handing them to a thread costs more. */
const QUICK_BYTES = 2 ** 22;

/** A slot file as the host uses it. */
export class HostSlot {
  readonly path: string;
  readonly #file: SlotFile;
  /** The same file for small tensors; `undefined` where a call on it may have to wait for a disk. */
  #quick: OpenSlot | undefined;

  private constructor(path: string, file: SlotFile, quick: OpenSlot | undefined) {
    this.path = path;
    this.#file = file;
    this.#quick = quick;
  }

  /** Creates a slot file for tensors of these shapes. @throws RMTC_STORE_FULL when there is no room for it. */
  static async create(tensors: readonly SlotTensor[]): Promise<HostSlot> {
    const byteLength = tensors.reduce((sum, { dtype, shape }) => sum + tensorByteLength(dtype, shape), 0);
    const { path, inMemory } = await slotPath(byteLength);
    const file = await createSlotFile(path, tensors);
    return new HostSlot(path, file, inMemory ? await OpenSlot.open(path) : undefined);
  }

  /** Writes a tensor. */
  async write(name: string, data: Uint8Array): Promise<void> {
    if (this.#quick !== undefined && data.byteLength <= QUICK_BYTES) this.#quick.write(name, data);
    else await this.#file.write(name, data);
  }

  /** Reads a tensor into `target`, an array of its element type. */
  async read(name: string, target: TensorData): Promise<void> {
    if (this.#quick !== undefined && target.byteLength <= QUICK_BYTES) {
      this.#quick.read(name, new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
    } else await this.#file.read(name, target);
  }

  /**
   * Takes the file's name away, once the guest has it open, so that no crash can leave it behind: the bytes live as
   * long as one of both holds it open.
   */
  async hide(): Promise<void> {
    await unlink(this.path);
  }

  async close(): Promise<void> {
    this.#quick?.close();
    this.#quick = undefined;
    await this.#file.close();
  }
}
