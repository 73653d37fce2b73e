// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export type { ErrorMessage, GuestChannel, GuestMessage, HostChannel, HostMessage } from "./channel.ts";
export { type GuestCallOptions, GuestHost } from "./guest-host.ts";
export { GuestProcess, type ProcessOptions, serveProcess } from "./guest-process.ts";
export { serveThread, startThread } from "./guest-thread.ts";
export { Guest } from "./host/guest.ts";
export { GuestConnection, type GuestPatience } from "./host/guest-connection.ts";
export type { GuestCommand } from "./host/guest-program.ts";
export { loadCommand } from "./host/load-command.ts";
export { openRole } from "./host/open-role.ts";
export { serveExtension } from "./serve/serve-extension.ts";
export { type ServedCall, type ServedMethods, serveCalls, TransferredResult } from "./serve-calls.ts";
export { siblingModule } from "./sibling-module.ts";
