// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { fileError, readFully, writeFully } from "@rmtc/tensor";

/** Some bytes in a file of the exchange folder. */
export interface BulkPlace {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** The most bytes of one value of a stream of bytes. */
export const maxPageBytes: number = 16 * 1024 * 1024;

/** The most bytes of one answer that are read into memory. */
const maxReadBytes = 2 ** 30;

/** Every block of bytes starts at a multiple of this. */
const alignment = 64;

const plainName = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/**
 * The files of one exchange folder, as either side uses them.
 *
 * @see spec/draft/wire.md#bulk-data
 */
export class BulkFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Writes blocks into a file, in place of what it held, and returns where each lies.
   *
   * @throws RMTC_PATH_INVALID when `file` is no plain name, or a link; RMTC_STORE_FULL when there is no room.
   */
  async write(file: string, blocks: readonly Uint8Array[]): Promise<readonly BulkPlace[]> {
    const handle = await this.#open(file, constants.O_RDWR | constants.O_CREAT);
    try {
      const places: BulkPlace[] = [];
      let offset = 0;
      for (const block of blocks) {
        await writeFully(handle, block, offset);
        places.push({ file, offset, length: block.byteLength });
        offset = Math.ceil((offset + block.byteLength) / alignment) * alignment;
      }
      return places;
    } catch (error) {
      throw fileError(error, join(this.folder, file));
    } finally {
      await handle.close();
    }
  }

  /**
   * Reads blocks that the other side wrote.
   *
   * @throws RMTC_PATH_INVALID when a place is not in the file, or the file is none.
   * @throws RMTC_LIMIT_EXCEEDED when they take more than 1 GiB.
   */
  async read(places: readonly BulkPlace[]): Promise<readonly Uint8Array[]> {
    const sizeBytes = places.reduce((sum, { length }) => sum + length, 0);
    if (sizeBytes > maxReadBytes) {
      throw new RmtcError(
        "RMTC_LIMIT_EXCEEDED",
        `An answer holds ${sizeBytes} bytes; at most ${maxReadBytes} are read at once.`,
      );
    }
    const blocks: Uint8Array[] = [];
    for (const [file, ofFile] of Map.groupBy(places, (place) => place.file)) {
      const handle = await this.#open(file, constants.O_RDONLY);
      try {
        const stat = await handle.stat();
        for (const { offset, length } of ofFile) {
          if (!stat.isFile() || offset + length > stat.size) throw badPlace(file, offset, length);
        }
        for (const place of ofFile) {
          const block = new Uint8Array(place.length);
          await readFully(handle, block, place.offset);
          blocks[places.indexOf(place)] = block;
        }
      } finally {
        await handle.close();
      }
    }
    return blocks;
  }

  async #open(file: string, flags: number): Promise<FileHandle> {
    const path = join(this.folder, file);
    if (!plainName.test(file)) {
      throw new RmtcError(
        "RMTC_PATH_INVALID",
        `"${file}" is no plain name of a file in the exchange folder.`,
      );
    }
    try {
      return await open(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), 0o600);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ELOOP" && code !== "ENOENT" && code !== "ENXIO" && code !== "EISDIR") {
        throw fileError(error, path);
      }
      throw new RmtcError("RMTC_PATH_INVALID", `${path} is no regular file (${code}).`, {
        subject: path,
        cause: error,
      });
    }
  }
}

function badPlace(file: string, offset: number, length: number): RmtcError {
  return new RmtcError(
    "RMTC_PATH_INVALID",
    `${length} bytes from byte ${offset} are not in the exchange folder's file ${file}.`,
    { subject: file },
  );
}
