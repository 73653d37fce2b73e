// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { checkCount, checkQuery, queryLimits } from "./check-query.ts";
export { decodeCursor, encodeCursor } from "./cursor.ts";
export { matches } from "./matches.ts";
export { comparePlaces, type OrderPlace, orderPlace } from "./order.ts";
export { formatQuery, parseQuery, type QueryClauses } from "./parse-query.ts";
export { Query } from "./query.ts";
export { type FieldValue, fieldValues, type QueriedRecord, queryFieldOf } from "./query-field.ts";
export { compareUtf8, prefixEnd } from "./utf8-order.ts";
export { matchesWords, wordsOf } from "./words.ts";
