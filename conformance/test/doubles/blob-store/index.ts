// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { BlobStore } from "@rmtc/contract";
import { blobStoreTraits } from "../../../src/cases/blob-store/operations.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { eraseDoubles } from "./erase-doubles.ts";
import { filesDoubles } from "./files-doubles.ts";
import { readDoubles } from "./read-doubles.ts";
import { resumeDoubles } from "./resume-doubles.ts";
import { writeDoubles } from "./write-doubles.ts";

/** Every double of a blob store. */
export const blobStoreDoubles: readonly Double<BlobStore>[] = [
  ...writeDoubles,
  ...readDoubles,
  ...filesDoubles,
  ...resumeDoubles,
  ...eraseDoubles,
  ...traitDoubles({
    traits: blobStoreTraits,
    isHeavy: async (good) => (await good.list({ limit: 20 })).blobs.length >= 20,
    alsoCaughtBy: {
      "ignores-signal-write": ["blob-store.aborted.write-midway"],
      "closes-once": [
        "blob-store.durable.reopen",
        "blob-store.resume.reopened",
        ...blobStoreTraits.operations.map((name) => `blob-store.closed.${name}`),
      ],
    },
  }),
];
