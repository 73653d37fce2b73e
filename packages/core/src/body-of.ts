// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type {
  AssetBody,
  CheckpointBody,
  DatasetBody,
  EnvironmentBody,
  InferenceBody,
  LicenseBody,
  ModelBody,
  NoticeBody,
  ProcessBody,
  RmtcRecord,
  RunBody,
  SealBody,
  WeightsBody,
} from "@rmtc/spec";

/** The bodies that this package reads, by kind. */
export interface BodyByKind {
  readonly asset: AssetBody;
  readonly dataset: DatasetBody;
  readonly environment: EnvironmentBody;
  readonly model: ModelBody;
  readonly weights: WeightsBody;
  readonly checkpoint: CheckpointBody;
  readonly run: RunBody;
  readonly process: ProcessBody;
  readonly inference: InferenceBody;
  readonly seal: SealBody;
  readonly license: LicenseBody;
  readonly notice: NoticeBody;
}

/** A record's body as its kind has it; `undefined` if it is withheld, missing, or of another kind. */
export function bodyOf<Kind extends keyof BodyByKind>(
  record: RmtcRecord,
  kind: Kind,
): BodyByKind[Kind] | undefined {
  return record.kind === kind ? (record.body as unknown as BodyByKind[Kind] | undefined) : undefined;
}
