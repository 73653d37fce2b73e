// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CallOptions } from "./call-options.ts";

/** A query in openCypher that only reads. */
export interface CypherRequest {
  /** One query that ends with a RETURN of named expressions. */
  readonly query: string;
  /** Values of `$name` in the query; anything that JSON can say. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** The most rows to return, 1 to 10,000; 1,000 unless given. */
  readonly limit?: number | undefined;
}

/** The rows of a query, as plain JSON. */
export interface CypherResult {
  /** The alias of each expression, else its text. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Whether there are more rows than the limit. */
  readonly more: boolean;
}

/**
 * What a record store can do besides, whose records can be queried as a property graph: an ability of its own, which
 * a host finds by the method.
 */
export interface CypherSource {
  /**
   * Runs a query that only reads; whatever it would write is refused and leaves nothing.
   *
   * @throws RMTC_QUERY_INVALID when the query is wrong or writes.
   */
  cypher(request: CypherRequest, options?: CallOptions): Promise<CypherResult>;
}
