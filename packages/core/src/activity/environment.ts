// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { arch, cpus, release, totalmem, type } from "node:os";
import { canonicalJson, makeRecord, recordDigest, sha256 } from "@rmtc/attest";
import type { EnvironmentBody } from "@rmtc/spec";
import { putRecords } from "../put-records.ts";
import { type RecordReference, referenceOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";

/** Describes the software and hardware of this process, with the extensions that take part. */
export function describeEnvironment(
  software: readonly { readonly name: string; readonly version: string }[],
): EnvironmentBody {
  const processors = cpus();
  return {
    os: { name: type(), version: release(), architecture: arch() },
    software: [
      { name: "node", version: process.versions.node },
      ...software.map(({ name, version }) => ({ name, version })),
    ],
    hardware: {
      cpu: processors[0]?.model.trim() || "unknown",
      logicalCores: Math.max(1, processors.length),
      memoryBytes: totalmem(),
    },
  };
}

/** Returns the record of this environment, put now if no equal one is there. */
export async function recordEnvironment(
  workspace: Workspace,
  software: readonly { readonly name: string; readonly version: string }[] = [],
): Promise<RecordReference> {
  const body = describeEnvironment(software);
  const name = `environment-${sha256(canonicalJson(body)).slice("sha256:".length, "sha256:".length + 16)}`;
  const known = await workspace.records.find({
    where: [
      { field: "kind", op: "eq", value: "environment" },
      { field: "name", op: "eq", value: name },
    ],
    limit: 1,
  });
  if (known.records[0] !== undefined) return referenceOf(known.records[0]);
  const record = makeRecord({ kind: "environment", name, body: { ...body } });
  await putRecords(workspace, [record]);
  return { id: record.id, digest: recordDigest(record) };
}
