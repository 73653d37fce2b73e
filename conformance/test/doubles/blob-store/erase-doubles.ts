// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { sha256 } from "@rmtc/attest";
import { type BlobStatus, type BlobStore, isRmtcError, RmtcError } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that erase wrongly, find no damage, or forget. */
export const eraseDoubles: readonly Double<BlobStore>[] = [
  {
    id: "evicts-what-it-should-erase",
    breaks: "blob-store.erase.read",
    alsoCaughtBy: [
      "blob-store.status.states",
      "blob-store.local-path.bytes",
      "blob-store.evict.refused",
      "blob-store.erase.never-back-by-write",
      "blob-store.erase.never-back-by-files",
      "blob-store.erase.evicted",
      "blob-store.durable.reopen",
    ],
    alter: (good) => ({
      async erase(digest, options) {
        const [status] = await good.status([digest]);
        if (status?.state === "neverHeld") return await good.erase(digest, options);
        await good.evict(digest, options);
      },
    }),
  },
  {
    id: "takes-erased-bytes-by-write",
    breaks: "blob-store.erase.never-back-by-write",
    alsoCaughtBy: ["blob-store.erase.before-held", "blob-store.erase.evicted", "blob-store.durable.reopen"],
    alter: (good) => ({
      write: (bytes, options) => good.write(bytes, options).catch((error: unknown) => forgive(error)),
    }),
  },
  {
    id: "takes-erased-bytes-by-file",
    breaks: "blob-store.erase.never-back-by-files",
    alsoCaughtBy: [],
    alter: (good) => ({
      putFiles: (request, options) =>
        good.putFiles(request, options).catch(async (error: unknown) => {
          const { digest } = forgive(error);
          return [{ path: request.files[0]?.path ?? "", digest, sizeBytes: 0, hashed: true }];
        }),
    }),
  },
  {
    id: "takes-erased-bytes-by-reference",
    breaks: "blob-store.erase.never-back-by-files",
    alsoCaughtBy: [],
    alter: (good) => ({
      async putFiles(request, options) {
        if (request.mode === "copy") return await good.putFiles(request, options);
        try {
          return await good.putFiles(request, options);
        } catch (error) {
          forgive(error);
          const path = request.files[0]?.path ?? "";
          return [{ path, digest: sha256(await readFile(path)), sizeBytes: 0, hashed: true }];
        }
      },
    }),
  },
  {
    id: "takes-erased-bytes-by-resuming",
    breaks: "blob-store.erase.never-back-by-resume",
    alsoCaughtBy: [],
    alter: (good) => ({
      resumeWrite: (blob, bytesFrom, options) =>
        good.resumeWrite(blob, bytesFrom, options).catch((error: unknown) => forgive(error)),
    }),
  },
  {
    id: "erases-only-bytes-it-holds",
    breaks: "blob-store.erase.before-held",
    alsoCaughtBy: ["blob-store.erase.never-back-by-resume", "blob-store.durable.reopen"],
    alter: (good) => ({
      async erase(digest, options) {
        const [status] = /^sha256:[0-9a-f]{64}$/.test(digest) ? await good.status([digest]) : [];
        if (status?.state !== "neverHeld") await good.erase(digest, options);
      },
    }),
  },
  {
    id: "erases-a-blob-once",
    breaks: "blob-store.erase.evicted",
    alsoCaughtBy: [],
    alter: (good) => ({
      async erase(digest, options) {
        const [status] = await good.status([digest]);
        if (status?.state === "erased") throw new RmtcError("RMTC_BLOB_ERASED", "It was erased already.");
        await good.erase(digest, options);
      },
    }),
  },
  {
    id: "erases-a-neighbour",
    breaks: "blob-store.erase.others-stay",
    alsoCaughtBy: ["blob-store.status.states", "blob-store.durable.reopen"],
    alter: (good) => ({
      async erase(digest, options) {
        await good.erase(digest, options);
        for (const { digest: other } of (await good.list({ limit: 10 })).blobs) {
          if (other !== digest) await good.evict(other).catch(() => undefined);
        }
      },
    }),
  },
  {
    id: "takes-eviction-for-damage",
    breaks: "blob-store.verify.clean",
    alsoCaughtBy: ["blob-store.durable.reopen"],
    alter: (good) => ({
      async *verify(request, options) {
        yield* good.verify(request, options);
        for (const { digest, state } of (await good.list({ limit: 100 })).blobs) {
          if (state === "evicted") yield { digest, message: "It is gone." };
        }
      },
    }),
  },
  {
    id: "checks-blobs-without-hashing",
    breaks: "blob-store.verify.damage",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *verify(request, options) {
        for await (const damage of good.verify(request, options)) if (damage.path !== undefined) yield damage;
      },
    }),
  },
  {
    id: "forgets-what-it-erased-when-closed",
    breaks: "blob-store.durable.reopen",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      write: (bytes, options) =>
        good.write(bytes, options).catch((error: unknown) => {
          if (instance === 0) throw error;
          return forgive(error);
        }),
    }),
  },
];

function forgive(error: unknown): BlobStatus {
  if (!isRmtcError(error, "RMTC_BLOB_ERASED")) throw error;
  return { digest: error.subject ?? "", state: "stored" };
}
