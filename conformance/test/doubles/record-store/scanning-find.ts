// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter, FindRequest, RecordStore, StoredRecord } from "@rmtc/contract";
import {
  checkQuery,
  comparePlaces,
  decodeCursor,
  encodeCursor,
  matches,
  type OrderPlace,
  orderPlace,
} from "@rmtc/query";

/** What a find of its own does otherwise. */
export interface ScanningFind {
  /** Tells whether a record passes a filter; as it should where `undefined`. */
  readonly passes?: (stored: StoredRecord, filter: Filter) => boolean | undefined;
  /** Compares two places of an order. */
  readonly compare?: (a: OrderPlace, b: OrderPlace, order: FindRequest["order"]) => number;
  /** Says where a record stands in an order. */
  readonly place?: (stored: StoredRecord, order: FindRequest["order"]) => OrderPlace;
}

/** A find that looks at every record, as the reference does, with parts of it replaced. */
export function scanningFind(good: RecordStore, own: ScanningFind): Pick<RecordStore, "find"> {
  const compare = own.compare ?? comparePlaces;
  const placeOf = own.place ?? orderPlace;
  return {
    async find(request, options) {
      checkQuery(request);
      const after = decodeCursor(request);
      const { order, limit } = request;
      const all = await good.find({ where: [], limit: 1_000 }, options);
      const passes = (stored: StoredRecord): boolean =>
        request.where.every((filter) => own.passes?.(stored, filter) ?? matches(stored, [filter]));
      const found = all.records
        .filter(passes)
        .map((stored) => ({ stored, place: placeOf(stored, order) }))
        .filter(({ place }) => after === undefined || compare(place, after, order) > 0)
        .sort((a, b) => compare(a.place, b.place, order));
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const { records } = await good.get(
        { ids: page.map(({ stored }) => stored.record.id), parts: request.parts },
        options,
      );
      const answer = { records: records.filter((one) => one !== null), asOf: all.asOf };
      if (last === undefined || found.length === page.length) return answer;
      return { ...answer, next: encodeCursor(request, last.place) };
    },
  };
}
