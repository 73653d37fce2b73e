// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { ClosurePage, ClosureRequest, RecordStore } from "@rmtc/contract";

/** Changes what a closure reaches as a whole, and cuts it into pages again. */
export function changeClosure(
  good: RecordStore,
  change: (whole: ClosurePage, request: ClosureRequest) => ClosurePage | Promise<ClosurePage>,
): Pick<RecordStore, "closure"> {
  return {
    async *closure(request, options) {
      const pages: ClosurePage[] = [];
      for await (const page of good.closure(request, options)) pages.push(page);
      const whole = await change(
        {
          records: pages.flatMap(({ records }) => records),
          gaps: pages.flatMap(({ gaps }) => gaps),
          asOf: pages[0]?.asOf ?? "",
        },
        request,
      );
      const { pageSize = 2_000 } = request;
      for (let start = 0; start === 0 || start < whole.records.length; start += pageSize) {
        options?.signal?.throwIfAborted();
        const records = whole.records.slice(start, start + pageSize);
        yield { records, gaps: start === 0 ? whole.gaps : [], asOf: whole.asOf };
      }
    },
  };
}

/** Calls a closure with another request. */
export function requestClosure(
  good: RecordStore,
  change: (request: ClosureRequest) => ClosureRequest,
): Pick<RecordStore, "closure"> {
  return { closure: (request, options) => good.closure(change(request), options) };
}
