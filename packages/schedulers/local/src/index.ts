// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { scheduler, scheduler as default } from "./extension.ts";
export { LocalScheduler, type LocalSchedulerOptions } from "./local-scheduler.ts";
