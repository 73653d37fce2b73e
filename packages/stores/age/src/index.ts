// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export type { CypherRequest, CypherResult, CypherSource } from "@rmtc/contract";
export type { AgeOptions } from "./age-options.ts";
export { AgeRecordStore } from "./age-record-store.ts";
export { default, recordStore, runStore } from "./extensions.ts";
