// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Filter, FindRequest, QueryOrder } from "@rmtc/contract";
import type { QueryFieldName, QueryFieldTypes } from "@rmtc/spec";
import { formatQuery } from "./parse-query.ts";

type OrderableFieldName = {
  [Field in QueryFieldName]: QueryFieldTypes[Field]["orderable"] extends true ? Field : never;
}[QueryFieldName];

type FilterValue<Field extends QueryFieldName, Operator> = Operator extends "exists"
  ? boolean
  : Operator extends "in"
    ? readonly QueryFieldTypes[Field]["value"][]
    : QueryFieldTypes[Field]["value"];

/**
 * A query that is put together step by step; every step returns a new one. What no store would answer does not compile.
 *
 * @example
 * const frames = new Query()
 *   .and("kind", "eq", "asset")
 *   .and("asset.frameNumber", "gte", 1003)
 *   .orderBy("created", "descending");
 * const { records } = await store.find(frames.page(20));
 */
export class Query {
  readonly where: readonly Filter[];
  readonly order: QueryOrder | undefined;

  constructor(where: readonly Filter[] = [], order?: QueryOrder) {
    this.where = where;
    this.order = order;
  }

  /** Adds a filter that must hold as well. */
  and<Field extends QueryFieldName, Operator extends QueryFieldTypes[Field]["operator"]>(
    field: Field,
    op: Operator,
    value: FilterValue<Field, Operator>,
  ): Query {
    return new Query([...this.where, { field, op, value } as Filter], this.order);
  }

  /** Orders by a field; missing values come last either way. */
  orderBy(field: OrderableFieldName, direction: "ascending" | "descending" = "ascending"): Query {
    return new Query(this.where, { field, descending: direction === "descending" });
  }

  /** Makes the request for one page of 1 to 1,000 records; `cursor` is the `next` of the page before. */
  page(limit: number, cursor?: string): FindRequest {
    const { where, order } = this;
    return { where, limit, ...(order && { order }), ...(cursor !== undefined && { cursor }) };
  }

  /** Writes the query as a query string. */
  toString(): string {
    return formatQuery(
      this.order === undefined ? { where: this.where } : { where: this.where, order: this.order },
    );
  }
}
