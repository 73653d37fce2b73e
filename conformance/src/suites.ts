// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { eraseCases as blobEraseCases } from "./cases/blob-store/erase.ts";
import { filesCases } from "./cases/blob-store/files.ts";
import { blobStoreTraits } from "./cases/blob-store/operations.ts";
import { readCases } from "./cases/blob-store/read.ts";
import { referencesCases } from "./cases/blob-store/references.ts";
import { resumeCases } from "./cases/blob-store/resume.ts";
import { verifyCases as blobVerifyCases } from "./cases/blob-store/verify.ts";
import { writeCases } from "./cases/blob-store/write.ts";
import { changesCases } from "./cases/record-store/changes.ts";
import { closureCases } from "./cases/record-store/closure.ts";
import { disclosureCases } from "./cases/record-store/disclosure.ts";
import { durabilityCases } from "./cases/record-store/durability.ts";
import { edgesCases } from "./cases/record-store/edges.ts";
import { eraseCases } from "./cases/record-store/erase.ts";
import { fieldsCases } from "./cases/record-store/fields.ts";
import { findCases } from "./cases/record-store/find.ts";
import { gapsCases } from "./cases/record-store/gaps.ts";
import { getCases } from "./cases/record-store/get.ts";
import { recordStoreTraits } from "./cases/record-store/operations.ts";
import { pagesCases } from "./cases/record-store/pages.ts";
import { parallelCases } from "./cases/record-store/parallel.ts";
import { putCases } from "./cases/record-store/put.ts";
import { valuesCases } from "./cases/record-store/values.ts";
import { verifyCases } from "./cases/record-store/verify.ts";
import { aliasesCases } from "./cases/run-store/aliases.ts";
import { durabilityCases as runDurabilityCases } from "./cases/run-store/durability.ts";
import { metricsCases } from "./cases/run-store/metrics.ts";
import { runStoreTraits } from "./cases/run-store/operations.ts";
import { sealsCases } from "./cases/run-store/seals.ts";
import { statesCases } from "./cases/run-store/states.ts";
import type { ConformanceCase, TestedRole, TestedRoles, TestedStore } from "./conformance-case.ts";
import { abortCases } from "./traits/abort.ts";
import { blockingCases } from "./traits/blocking.ts";
import { lifecycleCases } from "./traits/lifecycle.ts";
import type { TraitSubject } from "./traits/operation.ts";

/** Every case of every role. */
export const suites: { readonly [R in TestedRole]: readonly ConformanceCase<TestedRoles[R]>[] } = {
  recordStore: [
    ...putCases,
    ...valuesCases,
    ...parallelCases,
    ...getCases,
    ...disclosureCases,
    ...eraseCases,
    ...findCases,
    ...fieldsCases,
    ...pagesCases,
    ...edgesCases,
    ...closureCases,
    ...gapsCases,
    ...changesCases,
    ...verifyCases,
    ...durabilityCases,
    ...traitCases(recordStoreTraits),
  ],
  blobStore: [
    ...writeCases,
    ...readCases,
    ...filesCases,
    ...referencesCases,
    ...resumeCases,
    ...blobEraseCases,
    ...blobVerifyCases,
    ...traitCases(blobStoreTraits),
  ],
  runStore: [
    ...statesCases,
    ...metricsCases,
    ...sealsCases,
    ...aliasesCases,
    ...runDurabilityCases,
    ...traitCases(runStoreTraits),
  ],
};

function traitCases<S extends TestedStore>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  return [...lifecycleCases(subject), ...abortCases(subject), ...blockingCases(subject)];
}
