// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobStore } from "@rmtc/contract";
import type { WireBlobStore } from "@rmtc/spec";
import type { RemoteInstance } from "./remote-instance.ts";

/** A blob store in a guest. Bytes cross in files of the exchange folder. */
export function remoteBlobStore(remote: RemoteInstance<WireBlobStore>): BlobStore {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    write: (bytes, { signal, expect } = {}) =>
      remote.call(
        "blobStore/write",
        (lending) => ({ bytes: lending.bytes(bytes), ...(expect === undefined ? {} : { expect }) }),
        { signal },
      ),
    putFiles: (request, { signal, onProgress } = {}) =>
      remote.call(
        "blobStore/putFiles",
        { request },
        {
          signal,
          onProgress: onProgress as ((value: unknown) => void) | undefined,
        },
      ),
    read: (digest, { signal, range } = {}) =>
      remote.bytes("blobStore/read", { digest, ...(range === undefined ? {} : { range }) }, { signal }),
    status: (digests, options) => remote.call("blobStore/status", { digests }, options),
    localPath: (digest, options) => remote.call("blobStore/localPath", { digest }, options),
    resumeWrite: (blob, bytesFrom, options) =>
      remote.call(
        "blobStore/resumeWrite",
        (lending) => ({
          blob,
          bytesFrom: lending.callback(async ({ offset }) => lending.bytes(bytesFrom(offset as number))),
        }),
        options,
      ),
    verify: (request, { signal, onProgress } = {}) =>
      remote.stream(
        "blobStore/verify",
        { request },
        {
          signal,
          onProgress: onProgress as ((value: unknown) => void) | undefined,
        },
      ),
    evict: async (digest, options) => {
      await remote.call("blobStore/evict", { digest }, options);
    },
    erase: async (digest, options) => {
      await remote.call("blobStore/erase", { digest }, options);
    },
    list: (request, options) => remote.call("blobStore/list", { request }, options),
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
