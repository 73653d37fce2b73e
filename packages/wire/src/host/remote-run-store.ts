// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RunStore } from "@rmtc/contract";
import type { WireRunStore } from "@rmtc/spec";
import { checkJson } from "../rpc/check-json.ts";
import type { RemoteInstance } from "./remote-instance.ts";

/** A run store in a guest. */
export function remoteRunStore(remote: RemoteInstance<WireRunStore>): RunStore {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    openRun: (request, options) => remote.call("runStore/openRun", { request }, options),
    startAttempt: (request, options) => remote.call("runStore/startAttempt", { request }, options),
    endAttempt: (request, options) => remote.call("runStore/endAttempt", { request }, options),
    getRuns: (runs, options) => remote.call("runStore/getRuns", { runs }, options),
    listRuns: (request, options) => remote.call("runStore/listRuns", { request }, options),
    logMetrics: async (request, options) => {
      await remote.call("runStore/logMetrics", { request }, options);
    },
    readMetrics: (request, options) => remote.call("runStore/readMetrics", { request }, options),
    summarizeMetrics: (run, options) => remote.call("runStore/summarizeMetrics", { run }, options),
    async beginSeal(intent, options) {
      checkJson(intent.records);
      return await remote.call("runStore/beginSeal", { intent }, options);
    },
    finishSeal: (request, options) => remote.call("runStore/finishSeal", { request }, options),
    pendingSeals: (options) => remote.call("runStore/pendingSeals", {}, options),
    setAlias: (request, options) => remote.call("runStore/setAlias", { request }, options),
    getAlias: (alias, options) => remote.call("runStore/getAlias", { alias }, options),
    aliasHistory: (alias, options) => remote.call("runStore/aliasHistory", { alias }, options),
    listAliases: (request, options) => remote.call("runStore/listAliases", { request }, options),
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
