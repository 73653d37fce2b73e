// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@rmtc/attest";
import type { BlobStore } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import type { CaseContext } from "../../conformance-case.ts";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { inChunks, sampleBytes } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";

/** Every method of a blob store, for the traits. */
export const blobStoreTraits: TraitSubject<BlobStore> = {
  prefix: "blob-store",
  spec: {
    closed: "blob-store.md#rmtc-bst-090",
    closedTwice: "blob-store.md#rmtc-bst-091",
    aborted: "blob-store.md#rmtc-bst-093",
    blocking: "blob-store.md#rmtc-bst-095",
  },
  operations: [
    "write",
    "putFiles",
    "read",
    "status",
    "localPath",
    "resumeWrite",
    "verify",
    "evict",
    "erase",
    "list",
  ],
  needs: {
    localPath: ({ localPaths }) => localPaths,
    resumeWrite: ({ resumable }) => resumable,
  },
  prepare: (context) => operationsOn(context, 1_000, 1),
  async observe(store) {
    return await store.list({ limit: 100 });
  },
  prepareHeavy: (context) => operationsOn(context, context.size(24_000_000, 300_000), context.size(200, 20)),
};

async function operationsOn(
  { store, folder }: CaseContext<BlobStore>,
  sizeBytes: number,
  count: number,
): Promise<readonly Operation<BlobStore>[]> {
  const held = sampleBytes(sizeBytes, 1);
  const { digest } = await store.write(inChunks(held));
  const digests: Digest[] = [];
  for (let index = 0; index < count; index++) {
    digests.push((await store.write(inChunks(`small ${index}`))).digest);
  }
  const files: { path: string }[] = [];
  const path = join(folder, "large.exr");
  await writeFile(path, sampleBytes(sizeBytes, 2));
  files.push({ path });
  for (let index = 0; index < count; index++) {
    const small = join(folder, `small.${index}.exr`);
    await writeFile(small, `file ${index}`);
    files.push({ path: small });
  }
  const fresh = sampleBytes(sizeBytes, 3);
  const upload = sampleBytes(sizeBytes, 4);
  const blob = { digest: sha256(upload), sizeBytes };
  let evicted = 0;
  return [
    { name: "write", call: (on, options) => on.write(inChunks(fresh), options) },
    { name: "putFiles", call: (on, options) => on.putFiles({ files, mode: "copy" }, options) },
    { name: "read", call: (on, options) => drain(on.read(digest, options)) },
    { name: "status", call: (on, options) => on.status([digest, ...digests], options) },
    { name: "localPath", call: (on, options) => on.localPath(digest, options) },
    {
      name: "resumeWrite",
      call: (on, options) => on.resumeWrite(blob, (offset) => inChunks(upload.subarray(offset)), options),
    },
    { name: "verify", call: (on, options) => collect(on.verify({}, options)) },
    {
      name: "evict",
      call: (on, options) => on.evict(digests[evicted++ % digests.length] ?? digest, options),
    },
    { name: "erase", call: (on, options) => on.erase(digest, options) },
    { name: "list", call: (on, options) => on.list({ limit: 1_000 }, options) },
  ];
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}
