// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { InfererCase } from "../../conformance-case.ts";
import { assertTargetFits } from "../support/assert-target-fits.ts";

/** What a year of the AI platform is declared for. */
export const platformCases: readonly InfererCase[] = [
  {
    id: "inferer.platform.fits",
    level: "must",
    spec: "inferer.md#rmtc-inf-006",
    title: "targets a year of the AI platform that there is and that has the versions it needs",
    when: ({ platform }) => platform !== undefined,
    run: async ({ store }) => assertTargetFits(store.capabilities.platform),
  },
];
