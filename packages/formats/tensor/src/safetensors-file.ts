// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { RmtcError } from "@rmtc/contract";
import { inFileOrder, planSafetensors } from "./plan-safetensors.ts";
import { openRegularFile, readFully } from "./read-write-fully.ts";
import { type ReplaceFileOptions, replaceFile } from "./replace-file.ts";
import { checkedBytes } from "./safetensors.ts";
import {
  headerLength,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors-header.ts";
import { type Tensor, tensorFromBytes } from "./tensor.ts";

/** Milliseconds that parsing a header may hold the event loop at a time. */
const sliceMilliseconds = 10;

/** An open safetensors file: its header is in memory, its tensors are read when asked for. */
export class SafetensorsFile implements AsyncDisposable {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #handle: FileHandle;

  /** Takes over an open file whose header is known; `openSafetensors` does all of that. */
  constructor(path: string, handle: FileHandle, header: SafetensorsHeader) {
    this.path = path;
    this.tensors = header.tensors;
    this.metadata = header.metadata;
    this.#handle = handle;
  }

  /**
   * Reads one tensor, and nothing else of the file.
   *
   * @throws RMTC_NOT_FOUND when the file has no tensor of that name.
   * @throws RMTC_FORMAT_INVALID when the file has become shorter.
   */
  async read(name: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const entry = this.tensors.get(name);
    if (entry === undefined) {
      throw new RmtcError("RMTC_NOT_FOUND", `${this.path} has no tensor "${name}".`, { subject: name });
    }
    const bytes = new Uint8Array(entry.byteLength);
    await readFully(this.#handle, bytes, entry.byteOffset, options.signal);
    return tensorFromBytes(entry.dtype, entry.shape, bytes, entry.layout);
  }

  /** Closes the file. Tensors that were read stay. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a safetensors file and reads its header only.
 *
 * @throws RMTC_NOT_FOUND or RMTC_ACCESS_DENIED when the file cannot be opened.
 * @throws RMTC_FORMAT_INVALID when the header breaks the format or does not fit the file's size.
 * @throws RMTC_FORMAT_UNSUPPORTED when an element type is unknown.
 * @throws RMTC_LIMIT_EXCEEDED when the header is above 100 MB.
 */
export async function openSafetensors(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<SafetensorsFile> {
  const { handle, fileBytes } = await openRegularFile(path);
  try {
    return new SafetensorsFile(path, handle, await readHeader(handle, fileBytes, options.signal));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads and checks the header of an open safetensors file.
 *
 * @throws RMTC_FORMAT_INVALID and the rest of `openSafetensors`.
 */
export async function readHeader(
  handle: FileHandle,
  fileBytes: number,
  signal?: AbortSignal,
): Promise<SafetensorsHeader> {
  const prefix = new Uint8Array(Math.min(8, fileBytes));
  await readFully(handle, prefix, 0, signal);
  const header = new Uint8Array(headerLength(prefix, fileBytes));
  await readFully(handle, header, 8, signal);
  const steps = parseHeader(header, fileBytes);
  let sliceEnd = performance.now() + sliceMilliseconds;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < sliceEnd) continue;
    await setImmediate();
    signal?.throwIfAborted();
    sliceEnd = performance.now() + sliceMilliseconds;
  }
}

/**
 * Writes tensors to a safetensors file: the same bytes as `safetensorsToBytes`, put in place whole or not at all.
 *
 * @throws RMTC_OPTION_INVALID when a name is taken twice or reserved, or metadata is not well formed.
 * @throws RMTC_LAYOUT_MISMATCH when a layout or the data does not fit its tensor.
 * @throws RMTC_NOT_FOUND, RMTC_ACCESS_DENIED or RMTC_STORE_FULL when the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, Tensor]>,
  options: ReplaceFileOptions & { readonly metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const named = inFileOrder(Array.from(tensors, ([name, tensor]) => ({ name, tensor, ...tensor })));
  const { head, entries } = planSafetensors(named, options.metadata);
  const parts = named.map(({ tensor }, index) => checkedBytes(tensor, entries[index]?.byteLength ?? 0));
  await replaceFile(path, [head, ...parts], options);
}
