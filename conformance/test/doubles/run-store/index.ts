// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RunStore } from "@rmtc/contract";
import { runStoreTraits } from "../../../src/cases/run-store/operations.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { aliasesDoubles } from "./aliases-doubles.ts";
import { metricsDoubles } from "./metrics-doubles.ts";
import { sealsDoubles } from "./seals-doubles.ts";
import { statesDoubles } from "./states-doubles.ts";

/** Every double of a run store. */
export const runStoreDoubles: readonly Double<RunStore>[] = [
  ...statesDoubles,
  ...metricsDoubles,
  ...sealsDoubles,
  ...aliasesDoubles,
  ...traitDoubles({
    traits: runStoreTraits,
    isHeavy: async (good) => (await good.listRuns({ limit: 20 })).runs.length >= 20,
    alsoCaughtBy: {
      "closes-once": [
        "run-store.durable.goes-on",
        "run-store.durable.reopen",
        ...runStoreTraits.operations.map((name) => `run-store.closed.${name}`),
      ],
    },
  }),
];
