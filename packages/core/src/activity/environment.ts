// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { arch, cpus, release, totalmem, type } from "node:os";
import { canonicalJson, makeRecord, recordDigest, sha256 } from "@rmtc/attest";
import type { EnvironmentBody } from "@rmtc/spec";
import { type MachineProbe, probeMachine } from "../platform/probe-machine.ts";
import { referenceOf } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import type { ResolvedAgent } from "./resolved-agent.ts";

/** Describes the software and hardware of this process and its machine, with the extensions that take part. */
export function describeEnvironment(
  software: readonly { readonly name: string; readonly version: string }[],
  machine: MachineProbe,
): EnvironmentBody {
  const processors = cpus();
  return {
    os: { name: type(), version: release(), architecture: arch() },
    software: [
      { name: "node", version: process.versions.node },
      ...machine.software,
      ...new Map(software.map(({ name, version }) => [`${name} ${version}`, { name, version }])).values(),
    ],
    hardware: {
      cpu: processors[0]?.model.trim() || "unknown",
      logicalCores: Math.max(1, processors.length),
      memoryBytes: totalmem(),
      ...(machine.gpus.length === 0 ? {} : { gpus: [...machine.gpus] }),
    },
  };
}

/** Finds the record of this environment, or makes one if no equal one is there. */
export async function resolveEnvironment(
  workspace: Workspace,
  software: readonly { readonly name: string; readonly version: string }[] = [],
): Promise<ResolvedAgent> {
  const body = describeEnvironment(software, await probeMachine());
  const name = `environment-${sha256(canonicalJson(body)).slice("sha256:".length, "sha256:".length + 16)}`;
  const known = await workspace.records.find({
    where: [
      { field: "kind", op: "eq", value: "environment" },
      { field: "name", op: "eq", value: name },
    ],
    limit: 1,
  });
  if (known.records[0] !== undefined) return { reference: referenceOf(known.records[0]), made: [] };
  const record = makeRecord({ kind: "environment", name, body: { ...body } });
  return { reference: { id: record.id, digest: recordDigest(record) }, made: [record] };
}
