// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { chmod, readFile, stat } from "node:fs/promises";
import { sha256 } from "@rmtc/attest";
import { type BlobStore, isRmtcError, type PutFileResult } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import type { Double } from "../double.ts";

/** Doubles that take files in wrongly, or register them wrongly. */
export const filesDoubles: readonly Double<BlobStore>[] = [
  {
    id: "answers-in-order-of-digest",
    breaks: "blob-store.files.copy",
    alsoCaughtBy: ["blob-store.files.many"],
    alter: changing((results) => results.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))),
  },
  {
    id: "takes-ten-files",
    breaks: "blob-store.files.many",
    alsoCaughtBy: [],
    alter: (good) => ({
      putFiles: (request, options) =>
        good.putFiles({ ...request, files: request.files.slice(0, 10) }, options),
    }),
  },
  {
    id: "answers-once-for-the-same-bytes",
    breaks: "blob-store.files.same-bytes",
    alsoCaughtBy: [],
    alter: changing((results) => [...new Map(results.map((one) => [one.digest, one])).values()]),
  },
  {
    id: "links-instead-of-copying",
    breaks: "blob-store.files.own-bytes",
    alsoCaughtBy: [
      "blob-store.files.copy",
      "blob-store.files.many",
      "blob-store.files.hashed",
      "blob-store.files.known-but-gone",
      "blob-store.references.beside-copy",
    ],
    alter: (good) => ({
      putFiles: (request, options) => good.putFiles({ ...request, mode: "reference" }, options),
    }),
  },
  {
    id: "protects-the-caller's-files",
    breaks: "blob-store.files.source-untouched",
    alsoCaughtBy: ["blob-store.files.hashed"],
    alter: (good) => ({
      async putFiles(request, options) {
        const results = await good.putFiles(request, options);
        for (const { path } of results) await chmod(path, 0o600).catch(() => undefined);
        return results;
      },
    }),
  },
  {
    id: "passes-over-missing-files",
    breaks: "blob-store.files.missing",
    alsoCaughtBy: [],
    alter: skipping("RMTC_NOT_FOUND"),
  },
  {
    id: "passes-over-folders",
    breaks: "blob-store.files.not-regular",
    alsoCaughtBy: [],
    alter: skipping("RMTC_PATH_INVALID"),
  },
  {
    id: "hashes-again-and-again",
    breaks: "blob-store.files.hashed",
    alsoCaughtBy: [],
    alter: changing((results) => results.map((one) => ({ ...one, hashed: true }))),
  },
  {
    id: "says-it-never-hashes",
    breaks: "blob-store.files.hashed",
    alsoCaughtBy: ["blob-store.references.read"],
    alter: changing((results) => results.map((one) => ({ ...one, hashed: false }))),
  },
  {
    id: "trusts-size-and-time",
    breaks: "blob-store.files.changed",
    alsoCaughtBy: ["blob-store.files.replaced"],
    alter: remembering(async (path) => {
      const { size, mtimeMs } = await stat(path);
      // A time that was set by hand stands for every time that did not change.
      return mtimeMs === Date.parse("2020-01-01T00:00:00.000Z") ? `${path} ${size}` : undefined;
    }),
  },
  {
    id: "trusts-path-and-size",
    breaks: "blob-store.files.changed-at-once",
    alsoCaughtBy: ["blob-store.files.changed", "blob-store.files.replaced"],
    alter: remembering(async (path) => `${path} ${(await stat(path)).size}`),
  },
  {
    id: "trusts-files-whose-bytes-it-let-go",
    breaks: "blob-store.files.known-but-gone",
    alsoCaughtBy: [],
    alter(good) {
      const gone = new Set<Digest>();
      return {
        async evict(digest, options) {
          await good.evict(digest, options);
          gone.add(digest);
        },
        async putFiles(request, options) {
          const results = await good.putFiles(request, options);
          for (const { digest } of results) if (gone.has(digest)) await good.evict(digest);
          return results;
        },
      };
    },
  },
  {
    id: "tells-progress-backwards",
    breaks: "blob-store.files.progress",
    alsoCaughtBy: [],
    alter: (good) => ({
      async putFiles(request, options) {
        const results = await good.putFiles(request, { ...options, onProgress: undefined });
        for (let files = results.length; files > 0; files--)
          options?.onProgress?.({ files, sizeBytes: files });
        return results;
      },
    }),
  },
  {
    id: "copies-what-it-should-register",
    breaks: "blob-store.references.read",
    alsoCaughtBy: [
      "blob-store.references.changed",
      "blob-store.references.gone",
      "blob-store.references.verify",
    ],
    alter: (good) => ({
      putFiles: (request, options) => good.putFiles({ ...request, mode: "copy" }, options),
    }),
  },
  {
    id: "gives-changed-bytes-out",
    breaks: "blob-store.references.changed",
    alsoCaughtBy: [],
    alter(good) {
      const paths = new Map<Digest, string>();
      return {
        async putFiles(request, options) {
          const results = await good.putFiles(request, options);
          for (const { digest, path } of results) paths.set(digest, path);
          return results;
        },
        async *read(digest, options) {
          try {
            yield* good.read(digest, options);
          } catch (error) {
            if (!isRmtcError(error, "RMTC_DIGEST_MISMATCH")) throw error;
            yield await readFile(paths.get(digest) ?? "").catch(() => Promise.reject(error));
          }
        },
      };
    },
  },
  {
    id: "checks-whole-reads-only",
    breaks: "blob-store.references.changed",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        try {
          yield* good.read(digest, options);
        } catch (error) {
          if (!isRmtcError(error, "RMTC_DIGEST_MISMATCH") || options?.range === undefined) throw error;
        }
      },
    }),
  },
  {
    id: "takes-another-time-for-another-file",
    breaks: "blob-store.references.touched",
    alsoCaughtBy: ["blob-store.references.gone"],
    alter(good) {
      const times = new Map<Digest, { readonly path: string; readonly mtimeMs: number }>();
      return {
        async putFiles(request, options) {
          const results = await good.putFiles(request, options);
          for (const { digest, path } of results)
            times.set(digest, { path, mtimeMs: (await stat(path)).mtimeMs });
          return results;
        },
        async *read(digest, options) {
          const [status] = await good.status([digest]);
          const known = times.get(digest);
          if (status?.state === "referenced" && known !== undefined) {
            const now = await stat(known.path).catch(() => undefined);
            if (now?.mtimeMs !== known.mtimeMs) {
              yield* good.read(sha256(`${digest} is gone`));
            }
          }
          yield* good.read(digest, options);
        },
      };
    },
  },
  {
    id: "finds-what-is-gone-empty",
    breaks: "blob-store.references.gone",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *read(digest, options) {
        try {
          yield* good.read(digest, options);
        } catch (error) {
          const cause = error instanceof Error ? error.cause : undefined;
          if (!isRmtcError(error, "RMTC_DIGEST_MISMATCH") || !isRmtcError(cause, "RMTC_NOT_FOUND"))
            throw error;
        }
      },
    }),
  },
  {
    id: "gives-bytes-up-for-a-reference",
    breaks: "blob-store.references.beside-copy",
    alsoCaughtBy: [],
    alter: (good) => ({
      async putFiles(request, options) {
        if (request.mode !== "reference") return await good.putFiles(request, options);
        for (const { path } of request.files)
          await good.evict(sha256(await readFile(path))).catch(() => undefined);
        return await good.putFiles(request, options);
      },
    }),
  },
  {
    id: "verifies-what-it-stores-itself",
    breaks: "blob-store.references.verify",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *verify(request, options) {
        for await (const damage of good.verify(request, options)) if (damage.path === undefined) yield damage;
      },
    }),
  },
  {
    id: "copies-without-saying",
    breaks: "blob-store.references.unsupported",
    alsoCaughtBy: [],
    base: "plain",
    alter: (good) => ({
      putFiles: (request, options) => good.putFiles({ ...request, mode: "copy" }, options),
    }),
  },
];

function changing(
  change: (results: readonly PutFileResult[]) => PutFileResult[],
): Double<BlobStore>["alter"] {
  return (good) => ({
    async putFiles(request, options) {
      return change(await good.putFiles(request, options));
    },
  });
}

/** Puts file by file and leaves out those that are refused with a code. */
function skipping(code: "RMTC_NOT_FOUND" | "RMTC_PATH_INVALID"): Double<BlobStore>["alter"] {
  return (good) => ({
    putFiles: (request, options) =>
      good.putFiles(request, options).catch(async (error: unknown) => {
        if (!isRmtcError(error, code)) throw error;
        const files = request.files.filter(({ path }) => path !== error.subject);
        return await good.putFiles({ ...request, files }, options);
      }),
  });
}

/** Answers for a file from memory when its key is the same as before. */
function remembering(keyOf: (path: string) => Promise<string | undefined>): Double<BlobStore>["alter"] {
  return (good) => {
    const known = new Map<string, PutFileResult>();
    return {
      async putFiles(request, options) {
        const [file] = request.files;
        const single = request.files.length === 1 && file !== undefined;
        const key = single ? await keyOf(file.path).catch(() => undefined) : undefined;
        const before = known.get(key ?? "");
        const [status] = before === undefined ? [] : await good.status([before.digest]);
        if (before !== undefined && status?.state === "stored") return [{ ...before, hashed: false }];
        const results = await good.putFiles(request, options);
        if (key !== undefined && results[0] !== undefined) known.set(key, results[0]);
        return results;
      },
    };
  };
}
