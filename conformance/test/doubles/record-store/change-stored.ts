// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordStore, StoredRecord } from "@rmtc/contract";

/** Changes what `get` answers for each record. */
export function changeGot(
  good: RecordStore,
  change: (stored: StoredRecord, request: Parameters<RecordStore["get"]>[0]) => StoredRecord | null,
): Pick<RecordStore, "get"> {
  return {
    async get(request, options) {
      const { records } = await good.get(request, options);
      return { records: records.map((one) => (one === null ? null : change(one, request))) };
    },
  };
}
