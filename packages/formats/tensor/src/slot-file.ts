// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { RmtcError } from "@rmtc/contract";
import { tensorByteLength } from "./dtype.ts";
import { fileError } from "./file-error.ts";
import { planSafetensors, type TensorSpec } from "./plan-safetensors.ts";
import { openRegularFile, readFully, writeFully } from "./read-write-fully.ts";
import { readHeader } from "./safetensors-file.ts";
import type { SafetensorsEntry } from "./safetensors-header.ts";
import { type Tensor, type TensorData, tensorFromBytes, tensorOf } from "./tensor.ts";

/** Every tensor of a slot file starts at a multiple of this many bytes. */
const slotAlignment = 64;

/** Names that start like this are fillers and no tensors of the user's. */
const fillerPrefix = "rmtc.pad.";

/**
 * A safetensors file of fixed tensors whose bytes change: two processes hand bulk data over in it.
 *
 * There are no locks. Who writes and who reads when, the processes settle by message.
 */
export class SlotFile implements AsyncDisposable {
  readonly path: string;
  /** The tensors by name, fillers left out. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly #handle: FileHandle;

  /** Takes over an open file whose tensors are known; `createSlotFile` and `openSlotFile` do all of that. */
  constructor(path: string, handle: FileHandle, entries: Iterable<SafetensorsEntry>) {
    this.path = path;
    this.#handle = handle;
    const named = Array.from(entries, (entry) => [entry.name, entry] as const);
    this.tensors = new Map(named.filter(([name]) => !name.startsWith(fillerPrefix)));
  }

  /**
   * Reads a tensor as it is now, into `target` if given, which saves the allocation.
   *
   * @throws RMTC_NOT_FOUND when the file has no tensor of that name.
   * @throws RMTC_LAYOUT_MISMATCH when `target` has another type or length.
   */
  async read(name: string, target?: TensorData): Promise<Tensor> {
    const { dtype, shape, byteLength, byteOffset, layout } = this.#entry(name);
    const tensor =
      target === undefined
        ? tensorFromBytes(dtype, shape, new Uint8Array(byteLength), layout)
        : tensorOf(dtype, shape, target, layout);
    await readFully(this.#handle, bytesOf(tensor.data), byteOffset);
    return tensor;
  }

  /**
   * Writes all elements of a tensor.
   *
   * @throws RMTC_NOT_FOUND when the file has no tensor of that name.
   * @throws RMTC_LAYOUT_MISMATCH when `data` is longer or shorter than the tensor.
   */
  async write(name: string, data: TensorData): Promise<void> {
    const { byteLength, byteOffset } = this.#entry(name);
    if (data.byteLength !== byteLength) {
      const message = `Tensor "${name}" takes ${byteLength} bytes; ${data.byteLength} were given.`;
      throw new RmtcError("RMTC_LAYOUT_MISMATCH", message, { subject: this.path });
    }
    await writeFully(this.#handle, bytesOf(data), byteOffset);
  }

  /** Closes the file; it stays on disk until somebody removes it. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #entry(name: string): SafetensorsEntry {
    const entry = this.tensors.get(name);
    if (entry === undefined) {
      throw new RmtcError("RMTC_NOT_FOUND", `${this.path} has no tensor "${name}".`, { subject: name });
    }
    return entry;
  }
}

/**
 * Creates a slot file of zeros that only this user can open; `path` must not exist.
 *
 * Each tensor starts at a multiple of 64 bytes, in the order given; U8 tensors named `rmtc.pad.<n>` fill the
 * gaps, so that the file is valid safetensors for any reader.
 *
 * @throws RMTC_OPTION_INVALID when a name is taken twice or reserved, or `path` exists.
 * @throws RMTC_NOT_FOUND, RMTC_ACCESS_DENIED or RMTC_STORE_FULL when the file cannot be made.
 */
export async function createSlotFile(
  path: string,
  specs: Iterable<TensorSpec>,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Promise<SlotFile> {
  const plan = planSafetensors(withFillers(specs), options.metadata);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "wx+", 0o600);
    await handle.truncate(plan.byteLength);
    await writeFully(handle, plan.head, 0);
    return new SlotFile(path, handle, plan.entries);
  } catch (error) {
    if (handle !== undefined) {
      await handle.close();
      await unlink(path);
    } else if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new RmtcError("RMTC_OPTION_INVALID", `A slot file needs a new path; ${path} exists.`, {
        subject: path,
      });
    }
    throw fileError(error, path);
  }
}

/**
 * Opens a slot file that another process made, for reading and writing.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when it is no valid safetensors file.
 */
export async function openSlotFile(path: string): Promise<SlotFile> {
  const { handle, fileBytes } = await openRegularFile(path, constants.O_RDWR);
  try {
    const header = await readHeader(handle, fileBytes);
    return new SlotFile(path, handle, header.tensors.values());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function withFillers(specs: Iterable<TensorSpec>): TensorSpec[] {
  const all: TensorSpec[] = [];
  let end = 0;
  let fillers = 0;
  for (const spec of specs) {
    if (spec.name.startsWith(fillerPrefix)) {
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `Tensor names that start with "${fillerPrefix}" are reserved.`,
      );
    }
    const gap = (slotAlignment - (end % slotAlignment)) % slotAlignment;
    if (gap > 0) all.push({ name: `${fillerPrefix}${fillers++}`, dtype: "U8", shape: [gap] });
    all.push(spec);
    end += gap + tensorByteLength(spec.dtype, spec.shape);
  }
  return all;
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
