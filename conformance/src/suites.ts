// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { getCases } from "./cases/record-store/get.ts";
import { putCases } from "./cases/record-store/put.ts";
import type { ConformanceCase, TestedRole, TestedRoles } from "./conformance-case.ts";

/** Every case of every role. */
export const suites: { readonly [R in TestedRole]: readonly ConformanceCase<TestedRoles[R]>[] } = {
  recordStore: [...putCases, ...getCases],
  blobStore: [],
  runStore: [],
};
