// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { cancelRun } from "./activity/cancel-run.ts";
export { recoverSeals } from "./activity/seal-activity.ts";
export { findJob as findJobOfRun, submitRun } from "./activity/submit-activity.ts";
export { type RunProgress, watchRun } from "./activity/watch-run.ts";
export { type BodyByKind, bodyOf } from "./body-of.ts";
export { checkout } from "./checkout.ts";
export { initWorkspace } from "./config/init-workspace.ts";
export { configFileName } from "./config/load-config.ts";
export {
  type CommandLocation,
  defineConfig,
  type ExtensionLocation,
  type WorkspaceConfig,
} from "./config/workspace-config.ts";
export { type AliasReport, copyAliases } from "./copy/copy-aliases.ts";
export {
  type CopyConflict,
  type CopyOptions,
  type CopyReport,
  copyRecords,
} from "./copy/copy-records.ts";
export {
  type DatasetItemRequest,
  type PublishDatasetRequest,
  publishDataset,
} from "./dataset/publish-dataset.ts";
export { type DatasetEntry, readItems } from "./dataset/read-items.ts";
export { Entity, type EntityChanges } from "./entity.ts";
export {
  type BuiltInExtension,
  type BuiltInExtensions,
  ExtensionHost,
  type OpenedExtension,
} from "./extension-host.ts";
export { fileError } from "./file-error.ts";
export { findAll, getRecord, getRecords } from "./get-records.ts";
export { type GraphProgress, GraphStore, type GraphStoreOptions } from "./graph/graph-store.ts";
export { type ImportConflict, type ImportReport, importRecords } from "./import/import-records.ts";
export {
  type ImportedRecord,
  type ImportPythonReport,
  type ImportPythonRequest,
  importRmtcPython,
} from "./import/rmtc-python/import-rmtc-python.ts";
export type { NotCarried } from "./import/rmtc-python/read-python-folder.ts";
export { type InferRequest, type InferredAsset, infer } from "./infer/infer.ts";
export { type IngestedAsset, type IngestRequest, type IngestSubject, ingest } from "./ingest/ingest.ts";
export { type Exposure, exposure, type Verdict } from "./lineage/exposure.ts";
export { type Impact, impact } from "./lineage/impact.ts";
export { likenessKinds } from "./lineage/likeness.ts";
export type {
  AsOf,
  GapType,
  LineageAnswer,
  LineageGap,
  LineageNode,
  LineageOptions,
} from "./lineage/lineage-answer.ts";
export { type Trace, type TraceNode, trace } from "./lineage/trace.ts";
export { type FactRequest, publishNotice } from "./notice/publish-notice.ts";
export type { FoundSoftware } from "./platform/component-names.ts";
export { type JudgedRow, judgePlatform, rowsOfYear, type YearRow } from "./platform/judge-platform.ts";
export { parseRequirements } from "./platform/parse-requirements.ts";
export { type MachineProbe, probeMachine } from "./platform/probe-machine.ts";
export { readPythonEnvironment } from "./platform/read-python-environment.ts";
export { type PublishModelRequest, publishModel } from "./publish/publish-model.ts";
export { type PublishRequest, publishRecord } from "./publish/publish-record.ts";
export { mediaTypeOf } from "./publish/put-files.ts";
export { linksTo, linkTo, type RecordReference, referenceOf, targetsOf } from "./record-link.ts";
export { resolveReference } from "./resolve-reference.ts";
export { checkRights } from "./rights/check-rights.ts";
export { Tracker } from "./tracker.ts";
export { type ExecuteOptions, executeRun } from "./train/execute-run.ts";
export { openRun, type TrainRequest } from "./train/open-run.ts";
export {
  type VerifyProblem,
  type VerifyProgress,
  type VerifyReport,
  verify,
} from "./verify/verify-records.ts";
export { type DefaultLocations, type OpenWorkspaceOptions, Workspace } from "./workspace.ts";
