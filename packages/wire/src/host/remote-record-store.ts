// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GetRequest, GetResult, RecordStore, StoredRecord } from "@rmtc/contract";
import type { WireRecordStore } from "@rmtc/spec";
import { checkJson } from "../rpc/check-json.ts";
import type { RemoteInstance } from "./remote-instance.ts";

/** So many records are asked for at once, so that no answer is too long. */
const batchIds = 500;

/** A record store in a guest. */
export function remoteRecordStore(remote: RemoteInstance<WireRecordStore>): RecordStore {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    async put(request, options) {
      checkJson(request.records);
      return await remote.call("recordStore/put", { request }, options);
    },
    async get(request, options) {
      const records: (StoredRecord | null)[] = [];
      for (let start = 0; start === 0 || start < request.ids.length; start += batchIds) {
        const part: GetRequest = { ...request, ids: request.ids.slice(start, start + batchIds) };
        const result = await remote.call<GetResult>("recordStore/get", { request: part }, options);
        records.push(...result.records);
      }
      return { records };
    },
    find: (request, options) => remote.call("recordStore/find", { request }, options),
    count: (request, options) => remote.call("recordStore/count", { request }, options),
    edges: (request, options) => remote.call("recordStore/edges", { request }, options),
    closure: (request, options) => remote.stream("recordStore/closure", { request }, options),
    changes: (request, options) => remote.call("recordStore/changes", { request }, options),
    head: (options) => remote.call("recordStore/head", {}, options),
    erase: (request, options) => remote.call("recordStore/erase", { request }, options),
    verify: (request, options) => remote.stream("recordStore/verify", { request }, options),
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
