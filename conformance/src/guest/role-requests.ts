// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { newRecordId } from "@rmtc/attest";
import { planRequest } from "../cases/training-strategy/sample-requests.ts";
import type { TestedRole } from "../conformance-case.ts";
import type { GuestDescription } from "./guest-case.ts";

/** A method with its parameters, less the instance. */
export interface RoleRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const digest = `sha256:${"0".repeat(64)}`;
const missing = join(import.meta.dirname, "no-such-file");
const runs = (count: number): readonly string[] => Array.from({ length: count }, newRecordId);

/** For each role, a request that an empty instance answers at once, by a result or by a failure of its contract. */
export const lightRequests: Readonly<Record<TestedRole, RoleRequest>> = {
  recordStore: { method: "recordStore/head", params: {} },
  blobStore: { method: "blobStore/status", params: { digests: [digest] } },
  runStore: { method: "runStore/pendingSeals", params: {} },
  trainer: {
    method: "trainer/describe",
    params: { job: { architecture: { name: "no-such-architecture", options: {} }, hyperparameters: {} } },
  },
  trainingStrategy: { method: "trainingStrategy/plan", params: { request: planRequest({ stepCount: 1 }) } },
  scheduler: { method: "scheduler/list", params: { request: { limit: 1 } } },
  inferer: {
    method: "inferer/open",
    params: { request: { path: missing, mediaType: "application/vnd.safetensors" } },
  },
  converter: {
    method: "converter/convert",
    params: {
      request: { path: missing, from: "none/none", to: "none/none", outputFolder: import.meta.dirname },
    },
  },
};

/** Requests whose results take more than 64 KiB, for the roles that have such. */
export const longRequests: Readonly<Partial<Record<TestedRole, RoleRequest>>> = {
  blobStore: {
    method: "blobStore/status",
    params: {
      digests: Array.from({ length: 1_000 }, (_, index) => `sha256:${String(index).padStart(64, "0")}`),
    },
  },
  runStore: { method: "runStore/getRuns", params: { runs: runs(15_000) } },
  trainingStrategy: {
    method: "trainingStrategy/plan",
    params: { request: planRequest({ stepCount: 2_000 }) },
  },
};

/** Requests that return a stream, for the roles that have such of an empty instance. */
export const streamRequests: Readonly<Partial<Record<TestedRole, RoleRequest>>> = {
  recordStore: { method: "recordStore/verify", params: { request: {} } },
  blobStore: { method: "blobStore/verify", params: { request: {} } },
};

/** Returns the first role of a guest among the keys of a table of requests. */
export function roleAmong(
  { extensions }: GuestDescription,
  requests: Readonly<Partial<Record<TestedRole, RoleRequest>>>,
): TestedRole | undefined {
  return extensions.find(({ role }) => requests[role] !== undefined)?.role;
}
