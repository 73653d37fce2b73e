// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type BlobStatus, type BlobStore, isRmtcError, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import type { Double } from "../double.ts";

/** Doubles that take streams in wrongly. */
export const writeDoubles: readonly Double<BlobStore>[] = [
  {
    id: "says-no-size",
    breaks: "blob-store.write.round-trip",
    alsoCaughtBy: [
      "blob-store.write.empty",
      "blob-store.write.large",
      "blob-store.write.known",
      "blob-store.write.expect",
      "blob-store.write.parallel-identical",
      "blob-store.evict.bytes",
      "blob-store.resume.held",
    ],
    alter: (good) => ({
      async write(bytes, options) {
        const { digest, state } = await good.write(bytes, options);
        return { digest, state };
      },
    }),
  },
  {
    id: "refuses-the-empty-blob",
    breaks: "blob-store.write.empty",
    alsoCaughtBy: ["blob-store.verify.clean"],
    alter: (good) => ({
      async write(bytes, options) {
        const status = await good.write(bytes, options);
        if (status.sizeBytes === 0) throw new RmtcError("RMTC_OPTION_INVALID", "There are no bytes.");
        return status;
      },
    }),
  },
  {
    id: "ends-at-an-empty-chunk",
    breaks: "blob-store.write.chunks",
    alsoCaughtBy: [],
    alter: (good) => ({
      write(bytes, options) {
        const source = async function* (): AsyncGenerator<Uint8Array> {
          for await (const chunk of bytes) {
            if (chunk.length === 0) return;
            yield chunk;
          }
        };
        return good.write(source(), options);
      },
    }),
  },
  {
    id: "gives-the-first-three-chunks",
    breaks: "blob-store.write.large",
    alsoCaughtBy: [
      "blob-store.write.unseen-before-end",
      "blob-store.read.ranges",
      "blob-store.read.parallel",
      "blob-store.read.left-early",
      "blob-store.resume.whole",
      "blob-store.resume.goes-on",
      "blob-store.resume.twice",
      "blob-store.resume.reopened",
      "blob-store.durable.reopen",
    ],
    alter: (good) => ({
      async *read(digest, options) {
        let chunks = 0;
        for await (const chunk of good.read(digest, options)) {
          if (++chunks > 2) return;
          yield chunk;
        }
      },
    }),
  },
  {
    id: "takes-bytes-one-chunk-late",
    breaks: "blob-store.write.reused-buffer",
    alsoCaughtBy: [],
    alter: (good) => ({
      write(bytes, options) {
        const source = async function* (): AsyncGenerator<Uint8Array> {
          let held: Uint8Array | undefined;
          for await (const chunk of bytes) {
            if (held !== undefined) yield held;
            held = chunk;
          }
          if (held !== undefined) yield held;
        };
        return good.write(source(), options);
      },
    }),
  },
  {
    id: "gives-its-own-buffers-out",
    breaks: "blob-store.write.copies",
    alsoCaughtBy: [],
    alter(good) {
      const given = new Map<Digest, Uint8Array[]>();
      return {
        async *read(digest, options) {
          if (options?.range !== undefined) {
            yield* good.read(digest, options);
            return;
          }
          const known = given.get(digest);
          const chunks: Uint8Array[] = [];
          let index = 0;
          for await (const chunk of good.read(digest, options)) {
            const kept = known?.[index++] ?? chunk;
            chunks.push(kept);
            yield kept;
          }
          given.set(digest, chunks);
        },
      };
    },
  },
  {
    id: "refuses-known-bytes",
    breaks: "blob-store.write.known",
    alsoCaughtBy: [
      "blob-store.write.empty",
      "blob-store.write.chunks",
      "blob-store.write.parallel-identical",
      "blob-store.evict.bytes",
    ],
    alter(good) {
      const known = new Set<Digest>();
      return {
        async write(bytes, options) {
          const status = await good.write(bytes, options);
          if (known.has(status.digest)) throw new RmtcError("RMTC_STATE_INVALID", "These bytes are known.");
          known.add(status.digest);
          return status;
        },
      };
    },
  },
  {
    id: "compares-digests-with-another-case",
    breaks: "blob-store.write.expect",
    alsoCaughtBy: ["blob-store.write.known", "blob-store.write.unseen-before-end"],
    alter: (good) => ({
      async write(bytes, options) {
        const status = await good.write(bytes, options);
        if (options?.expect === undefined) return status;
        throw new RmtcError(
          "RMTC_DIGEST_MISMATCH",
          `${status.digest} is not ${options.expect.toUpperCase()}.`,
        );
      },
    }),
  },
  {
    id: "keeps-bytes-that-differ",
    breaks: "blob-store.write.expect-mismatch",
    alsoCaughtBy: [],
    alter: (good) => ({
      async write(bytes, options) {
        if (!/^sha256:[0-9a-f]{64}$/.test(options?.expect ?? "")) return await good.write(bytes, options);
        const status = await good.write(bytes, { ...options, expect: undefined });
        if (status.digest === options?.expect) return status;
        throw new RmtcError("RMTC_DIGEST_MISMATCH", "The bytes differ.");
      },
    }),
  },
  {
    id: "takes-a-failing-source-for-its-end",
    breaks: "blob-store.write.source-fails",
    alsoCaughtBy: [],
    alter: (good) => ({
      write(bytes, options) {
        const source = async function* (): AsyncGenerator<Uint8Array> {
          try {
            yield* bytes;
          } catch {
            // What came before is good enough.
          }
        };
        return good.write(source(), options);
      },
    }),
  },
  {
    id: "shows-what-is-on-its-way",
    breaks: "blob-store.write.unseen-before-end",
    alsoCaughtBy: [],
    alter(good) {
      const coming = new Set<Digest>();
      return {
        async write(bytes, options) {
          if (options?.expect !== undefined) coming.add(options.expect);
          try {
            return await good.write(bytes, options);
          } finally {
            if (options?.expect !== undefined) coming.delete(options.expect);
          }
        },
        async status(digests, options) {
          const found = await good.status(digests, options);
          return found.map((one): BlobStatus => (coming.has(one.digest) ? { ...one, state: "stored" } : one));
        },
      };
    },
  },
  {
    id: "takes-four-writers",
    breaks: "blob-store.write.parallel-identical",
    alsoCaughtBy: ["blob-store.write.parallel-different"],
    alter(good) {
      let running = 0;
      return {
        async write(bytes, options) {
          running += 1;
          try {
            if (running > 4) throw new RmtcError("RMTC_STORE_BUSY", "Others are writing.");
            return await good.write(bytes, options);
          } finally {
            running -= 1;
          }
        },
      };
    },
  },
  {
    id: "mixes-writers-up",
    breaks: "blob-store.write.parallel-different",
    alsoCaughtBy: [],
    alter(good) {
      let running = 0;
      let last: BlobStatus | undefined;
      return {
        async write(bytes, options) {
          running += 1;
          const alone = running === 1;
          try {
            const status = await good.write(bytes, options);
            const answer = alone ? status : (last ?? status);
            last = status;
            return answer;
          } finally {
            running -= 1;
          }
        },
      };
    },
  },
  {
    id: "lets-bytes-go-for-good",
    breaks: "blob-store.evict.bytes",
    alsoCaughtBy: [],
    alter(good) {
      const gone = new Set<Digest>();
      return {
        async evict(digest, options) {
          await good.evict(digest, options);
          gone.add(digest);
        },
        async write(bytes, options) {
          const status = await good.write(bytes, options);
          if (gone.has(status.digest)) throw new RmtcError("RMTC_BLOB_EVICTED", "It was evicted.");
          return status;
        },
      };
    },
  },
  {
    id: "forgets-what-it-evicts",
    breaks: "blob-store.evict.bytes",
    alsoCaughtBy: ["blob-store.status.states", "blob-store.list.states", "blob-store.durable.reopen"],
    alter: (good) => ({
      async status(digests, options) {
        const found = await good.status(digests, options);
        return found.map((one) =>
          one.state === "evicted" ? { digest: one.digest, state: "neverHeld" as const } : one,
        );
      },
    }),
  },
  {
    id: "evicts-anything",
    breaks: "blob-store.evict.refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      evict: (digest, options) =>
        good.evict(digest, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_NOT_FOUND", "RMTC_BLOB_ERASED")) throw error;
        }),
    }),
  },
];
