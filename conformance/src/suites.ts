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
import { abortCases as converterAbortCases } from "./cases/converter/abort.ts";
import { convertCases } from "./cases/converter/convert.ts";
import { converterTraits } from "./cases/converter/operations.ts";
import { callsCases } from "./cases/inferer/calls.ts";
import { openCases } from "./cases/inferer/open.ts";
import { infererTraits } from "./cases/inferer/operations.ts";
import { platformCases as infererPlatformCases } from "./cases/inferer/platform.ts";
import { runCases } from "./cases/inferer/run.ts";
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
import { randomQueryCases } from "./cases/record-store/random-queries.ts";
import { valuesCases } from "./cases/record-store/values.ts";
import { verifyCases } from "./cases/record-store/verify.ts";
import { aliasesCases } from "./cases/run-store/aliases.ts";
import { durabilityCases as runDurabilityCases } from "./cases/run-store/durability.ts";
import { metricsCases } from "./cases/run-store/metrics.ts";
import { runStoreTraits } from "./cases/run-store/operations.ts";
import { sealsCases } from "./cases/run-store/seals.ts";
import { statesCases } from "./cases/run-store/states.ts";
import { endCases } from "./cases/scheduler/end.ts";
import { lastingCases } from "./cases/scheduler/lasting.ts";
import { lookCases } from "./cases/scheduler/look.ts";
import { schedulerTraits } from "./cases/scheduler/operations.ts";
import { startCases } from "./cases/scheduler/start.ts";
import { submitCases } from "./cases/scheduler/submit.ts";
import { endingCases } from "./cases/trainer/ending.ts";
import { eventsCases } from "./cases/trainer/events.ts";
import { filesCases as trainerFilesCases } from "./cases/trainer/files.ts";
import { jobsCases } from "./cases/trainer/jobs.ts";
import { trainerTraits } from "./cases/trainer/operations.ts";
import { planCases as trainerPlanCases } from "./cases/trainer/plan.ts";
import { platformCases as trainerPlatformCases } from "./cases/trainer/platform.ts";
import { trainingStrategyTraits } from "./cases/training-strategy/operations.ts";
import { pairedCases } from "./cases/training-strategy/paired.ts";
import { planCases } from "./cases/training-strategy/plan.ts";
import { refusedCases as planRefusedCases } from "./cases/training-strategy/refused.ts";
import type { ConformanceCase, TestedInstance, TestedRole, TestedRoles } from "./conformance-case.ts";
import { abortCases, midwayCases } from "./traits/abort.ts";
import { blockingCases } from "./traits/blocking.ts";
import { concurrentCases } from "./traits/concurrent.ts";
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
    ...randomQueryCases,
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
  trainingStrategy: [
    ...planCases,
    ...planRefusedCases,
    ...pairedCases,
    ...traitCases(trainingStrategyTraits),
  ],
  trainer: [
    ...jobsCases,
    ...trainerPlanCases,
    ...eventsCases,
    ...trainerFilesCases,
    ...endingCases,
    ...traitCases(trainerTraits),
    ...trainerPlatformCases,
  ],
  scheduler: [
    ...submitCases,
    ...startCases,
    ...endCases,
    ...lookCases,
    ...lastingCases,
    ...traitCases(schedulerTraits),
  ],
  inferer: [...openCases, ...runCases, ...callsCases, ...traitCases(infererTraits), ...infererPlatformCases],
  converter: [...convertCases, ...converterAbortCases, ...traitCases(converterTraits)],
};

function traitCases<S extends TestedInstance>(subject: TraitSubject<S>): ConformanceCase<S>[] {
  return [
    ...lifecycleCases(subject),
    ...abortCases(subject),
    ...midwayCases(subject),
    ...blockingCases(subject),
    ...concurrentCases(subject),
  ];
}
