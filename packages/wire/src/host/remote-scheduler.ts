// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Scheduler } from "@rmtc/contract";
import type { WireScheduler } from "@rmtc/spec";
import type { RemoteInstance } from "./remote-instance.ts";

/** A scheduler in a guest. */
export function remoteScheduler(remote: RemoteInstance<WireScheduler>): Scheduler {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    submit: (job, options) => remote.call("scheduler/submit", { job }, options),
    status: (job, options) => remote.call("scheduler/status", { job }, options),
    list: (request, options) => remote.call("scheduler/list", { request }, options),
    watch: (job, options) => remote.stream("scheduler/watch", { job }, options),
    logs: (task, { signal, follow } = {}) =>
      remote.bytes("scheduler/logs", { task, ...(follow === undefined ? {} : { follow }) }, { signal }),
    kill: (job, options) => remote.call("scheduler/kill", { job }, options),
    retry: (job, options) => remote.call("scheduler/retry", { job }, options),
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
