// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TrainerCase } from "../../conformance-case.ts";
import { assertTargetFits } from "../support/assert-target-fits.ts";

/** What a year of the AI platform is declared for. */
export const platformCases: readonly TrainerCase[] = [
  {
    id: "trainer.platform.fits",
    level: "must",
    spec: "trainer.md#rmtc-trn-007",
    title: "targets a year of the AI platform that there is and that has the versions it needs",
    when: ({ platform }) => platform !== undefined,
    run: async ({ store }) => assertTargetFits(store.capabilities.platform),
  },
];
