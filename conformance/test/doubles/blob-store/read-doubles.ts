// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type BlobStore, isRmtcError, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import type { Double } from "../double.ts";

/** Doubles that give bytes out wrongly, or say the wrong thing of them. */
export const readDoubles: readonly Double<BlobStore>[] = [
  {
    id: "reads-the-end-of-a-range-too",
    breaks: "blob-store.read.ranges",
    alsoCaughtBy: ["blob-store.references.read"],
    alter: (good) => ({
      read(digest, options) {
        const { range } = options ?? {};
        if (range?.end === undefined || range.end <= range.start) return good.read(digest, options);
        return good.read(digest, { ...options, range: { ...range, end: range.end + 1 } });
      },
    }),
  },
  {
    id: "pads-with-zeros",
    breaks: "blob-store.read.range-clamped",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        let length = 0;
        for await (const chunk of good.read(digest, options)) {
          length += chunk.length;
          yield chunk;
        }
        const { start, end = 0 } = options?.range ?? { start: 0 };
        if (length > 0 && end - start > length) yield new Uint8Array(Math.min(end - start - length, 100));
      },
    }),
  },
  {
    id: "refuses-ranges-beyond-the-end",
    breaks: "blob-store.read.range-empty",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        const [status] = await good.status([digest]);
        if (status?.state === "stored" && (options?.range?.start ?? 0) > (status.sizeBytes ?? 0)) {
          throw new RmtcError("RMTC_OPTION_INVALID", "The range begins beyond the end.");
        }
        yield* good.read(digest, options);
      },
    }),
  },
  {
    id: "takes-any-range",
    breaks: "blob-store.read.range-invalid",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        const { start, end = Number.POSITIVE_INFINITY } = options?.range ?? { start: 0 };
        const possible = start >= 0 && Number.isInteger(start) && end >= start;
        yield* good.read(digest, possible ? options : { ...options, range: undefined });
      },
    }),
  },
  {
    id: "reads-nothing-of-what-it-never-held",
    breaks: "blob-store.read.unknown",
    alsoCaughtBy: ["blob-store.write.unseen-before-end"],
    alter: (good) => ({
      async *read(digest, options) {
        try {
          yield* good.read(digest, options);
        } catch (error) {
          if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
        }
      },
    }),
  },
  {
    id: "looks-for-anything",
    breaks: "blob-store.read.digest-invalid",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        try {
          yield* good.read(digest, options);
        } catch (error) {
          if (!isRmtcError(error, "RMTC_OPTION_INVALID") || error.pointer !== undefined) throw error;
          throw new RmtcError("RMTC_NOT_FOUND", "There is no such blob.");
        }
      },
    }),
  },
  {
    id: "has-one-position-for-all-readers",
    breaks: "blob-store.read.parallel",
    alsoCaughtBy: [],
    alter(good) {
      const reading = new Map<Digest, number>();
      return {
        async *read(digest, options) {
          let skip = reading.get(digest) ?? 0;
          try {
            for await (const chunk of good.read(digest, options)) {
              if (skip-- > 0) continue;
              reading.set(digest, (reading.get(digest) ?? 0) + 1);
              yield chunk;
            }
          } finally {
            reading.delete(digest);
          }
        },
      };
    },
  },
  {
    id: "keeps-files-open",
    breaks: "blob-store.read.left-early",
    alsoCaughtBy: [],
    alter(good) {
      let open = 0;
      return {
        async *read(digest, options) {
          if (open >= 15) throw new RmtcError("RMTC_STORE_BUSY", "Too many files are open.");
          open += 1;
          yield* good.read(digest, options);
          open -= 1;
        },
      };
    },
  },
  {
    id: "tells-states-in-order-of-digest",
    breaks: "blob-store.status.states",
    alsoCaughtBy: [],
    alter: (good) => ({
      async status(digests, options) {
        const found = await good.status(digests, options);
        return found.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
      },
    }),
  },
  {
    id: "lists-one-page",
    breaks: "blob-store.list.pages",
    alsoCaughtBy: [],
    alter: (good) => ({
      async list(request, options) {
        const { blobs } = await good.list(request, options);
        return { blobs };
      },
    }),
  },
  {
    id: "lists-what-it-holds",
    breaks: "blob-store.list.states",
    alsoCaughtBy: [],
    alter: (good) => ({
      async list(request, options) {
        const page = await good.list(request, options);
        return { ...page, blobs: page.blobs.filter(({ state }) => state !== "evicted") };
      },
    }),
  },
  {
    id: "clamps-list-limits",
    breaks: "blob-store.list.refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      list: (request, options) =>
        good.list({ ...request, limit: Math.max(1, Math.floor(request.limit) || 1) }, options),
    }),
  },
  {
    id: "gives-paths-of-anything",
    breaks: "blob-store.local-path.bytes",
    alsoCaughtBy: [],
    alter: (good) => ({
      localPath: (digest, options) =>
        good.localPath(digest, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
          return `/blobs/${digest}`;
        }),
    }),
  },
  {
    id: "gives-paths-it-does-not-have",
    breaks: "blob-store.local-path.unsupported",
    alsoCaughtBy: [],
    base: "plain",
    alter: () => ({ localPath: async (digest) => `/blobs/${digest}` }),
  },
];
