// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordStore } from "@rmtc/contract";
import { recordStoreTraits } from "../../../src/cases/record-store/operations.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { changesDoubles } from "./changes-doubles.ts";
import { closureDoubles } from "./closure-doubles.ts";
import { disclosureDoubles } from "./disclosure-doubles.ts";
import { durabilityDoubles } from "./durability-doubles.ts";
import { edgesDoubles } from "./edges-doubles.ts";
import { eraseDoubles } from "./erase-doubles.ts";
import { findDoubles } from "./find-doubles.ts";
import { gapsDoubles } from "./gaps-doubles.ts";
import { getDoubles } from "./get-doubles.ts";
import { pagesDoubles } from "./pages-doubles.ts";
import { parallelDoubles } from "./parallel-doubles.ts";
import { putDoubles } from "./put-doubles.ts";
import { valuesDoubles } from "./values-doubles.ts";

/** Every double of a record store. */
export const recordStoreDoubles: readonly Double<RecordStore>[] = [
  ...putDoubles,
  ...valuesDoubles,
  ...parallelDoubles,
  ...getDoubles,
  ...disclosureDoubles,
  ...eraseDoubles,
  ...findDoubles,
  ...pagesDoubles,
  ...edgesDoubles,
  ...closureDoubles,
  ...gapsDoubles,
  ...changesDoubles,
  ...durabilityDoubles,
  ...traitDoubles({
    traits: recordStoreTraits,
    isHeavy: async (good) => (await good.count({ where: [] })).count >= 100,
    alsoCaughtBy: {
      "ignores-signal-closure": ["record-store.aborted.closure-midway"],
      "closes-once": [
        "record-store.durable.erasure",
        "record-store.durable.goes-on",
        "record-store.durable.reopen",
        ...recordStoreTraits.operations.map((name) => `record-store.closed.${name}`),
      ],
    },
  }),
];
