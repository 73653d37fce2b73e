// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export type { ErrorMessage, GuestChannel, GuestMessage, HostChannel, HostMessage } from "./channel.ts";
export { type GuestCallOptions, GuestHost } from "./guest-host.ts";
export { GuestProcess, type ProcessOptions, serveProcess } from "./guest-process.ts";
export { serveThread, startThread } from "./guest-thread.ts";
export { type ServedCall, type ServedMethods, serveCalls, TransferredResult } from "./serve-calls.ts";
export { siblingModule } from "./sibling-module.ts";
