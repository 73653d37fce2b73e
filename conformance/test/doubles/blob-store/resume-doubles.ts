// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type BlobStore, isRmtcError, RmtcError } from "@rmtc/contract";
import type { Digest } from "@rmtc/spec";
import type { Double } from "../double.ts";

/** Doubles that resume uploads wrongly. */
export const resumeDoubles: readonly Double<BlobStore>[] = [
  {
    id: "asks-twice",
    breaks: "blob-store.resume.whole",
    alsoCaughtBy: [
      "blob-store.resume.goes-on",
      "blob-store.resume.twice",
      "blob-store.resume.reopened",
      "blob-store.resume.mismatch",
    ],
    alter: (good) => ({
      resumeWrite(blob, bytesFrom, options) {
        bytesFrom(0);
        return good.resumeWrite(blob, bytesFrom, options);
      },
    }),
  },
  {
    id: "always-begins-anew",
    breaks: "blob-store.resume.goes-on",
    alsoCaughtBy: ["blob-store.resume.reopened"],
    alter: (good) => ({
      async resumeWrite({ digest }, bytesFrom, options) {
        const [status] = await good.status([digest], options);
        if (status?.state === "stored") return status;
        return await good.write(bytesFrom(0), { ...options, expect: digest });
      },
    }),
  },
  {
    id: "shows-half-an-upload",
    breaks: "blob-store.resume.goes-on",
    alsoCaughtBy: ["blob-store.resume.mismatch", "blob-store.erase.never-back-by-resume"],
    alter(good) {
      const halves = new Set<Digest>();
      return {
        async resumeWrite(blob, bytesFrom, options) {
          halves.add(blob.digest);
          const status = await good.resumeWrite(blob, bytesFrom, options);
          halves.delete(blob.digest);
          return status;
        },
        async status(digests, options) {
          const found = await good.status(digests, options);
          return found.map((one) => (halves.has(one.digest) ? { ...one, state: "stored" as const } : one));
        },
      };
    },
  },
  {
    id: "has-one-upload-at-a-time",
    breaks: "blob-store.resume.twice",
    alsoCaughtBy: [],
    alter(good) {
      let current: Digest | undefined;
      return {
        async resumeWrite(blob, bytesFrom, options) {
          const another = current !== undefined && current !== blob.digest;
          if (another) throw new RmtcError("RMTC_STORE_BUSY", "Another upload has not ended.");
          current = blob.digest;
          const status = await good.resumeWrite(blob, bytesFrom, options);
          current = undefined;
          return status;
        },
      };
    },
  },
  {
    id: "forgets-uploads-when-closed",
    breaks: "blob-store.resume.reopened",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      async resumeWrite(blob, bytesFrom, options) {
        if (instance === 0) return await good.resumeWrite(blob, bytesFrom, options);
        return await good.write(bytesFrom(0), { ...options, expect: blob.digest });
      },
    }),
  },
  {
    id: "gives-up-on-a-blob",
    breaks: "blob-store.resume.mismatch",
    alsoCaughtBy: [],
    alter(good) {
      const wrong = new Set<Digest>();
      return {
        async resumeWrite(blob, bytesFrom, options) {
          if (wrong.has(blob.digest))
            throw new RmtcError("RMTC_STATE_INVALID", "Its bytes were wrong before.");
          try {
            return await good.resumeWrite(blob, bytesFrom, options);
          } catch (error) {
            if (isRmtcError(error, "RMTC_DIGEST_MISMATCH")) wrong.add(blob.digest);
            throw error;
          }
        },
      };
    },
  },
  {
    id: "wants-bytes-it-holds",
    breaks: "blob-store.resume.held",
    alsoCaughtBy: [],
    alter: (good) => ({
      async resumeWrite(blob, bytesFrom, options) {
        const [status] = await good.status([blob.digest], options);
        if (status?.state !== "stored") return await good.resumeWrite(blob, bytesFrom, options);
        return await good.write(bytesFrom(0), { ...options, expect: blob.digest });
      },
    }),
  },
  {
    id: "resumes-without-saying",
    breaks: "blob-store.resume.unsupported",
    alsoCaughtBy: [],
    base: "plain",
    alter: (good) => ({
      resumeWrite: (blob, bytesFrom, options) =>
        good.write(bytesFrom(0), { ...options, expect: blob.digest }),
    }),
  },
];
