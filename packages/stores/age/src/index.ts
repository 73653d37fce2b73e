// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export type { AgeOptions } from "./age-options.ts";
export { AgeRecordStore } from "./age-record-store.ts";
export type { CypherRequest, CypherResult, CypherSource } from "./cypher-source.ts";
export { default, recordStore, runStore } from "./extensions.ts";
