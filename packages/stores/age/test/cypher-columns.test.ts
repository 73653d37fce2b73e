// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { expect, test } from "vitest";
import { readingQuery } from "../src/cypher-columns.ts";

test.each([
  ["MATCH (n) RETURN n", ["n"]],
  ["MATCH (n) return n.name, count(*) as total", ["n.name", "total"]],
  ["RETURN DISTINCT a, {x: 1, y: [2, 3]} AS `the map` ORDER BY a, b SKIP 1 LIMIT 2", ["a", "the map"]],
  ["RETURN 1 AS a UNION RETURN 2 AS b", ["b"]],
  ['RETURN \', RETURN x\' AS text, "a\\"b, c" // RETURN y, z', ["text", '"a\\"b, c"']],
  ["RETURN /* RETURN x, */ `a, b`", ["`a, b`"]],
  [
    "RETURN [x IN range(1, 3) WHERE x > 1 | x], f(a AS b)",
    ["[x IN range(1, 3) WHERE x > 1 | x]", "f(a AS b)"],
  ],
  ["MATCH (n) WHERE EXISTS { MATCH (n) RETURN m, o } RETURN n.return, n.limit", ["n.return", "n.limit"]],
  ["MATCH (n:SET {create: 1})-[:DELETE|MERGE]->() RETURN n.set, $remove;", ["n.set", "$remove"]],
  ["RETURN CASE WHEN a THEN 1 ELSE 2 END AS größe", ["größe"]],
  ["RETURN a\n  .b", ["a\n  .b"]],
])("names the columns of %j", (query, columns) => {
  expect(readingQuery(query).columns).toEqual(columns);
});

test.each([
  ["MATCH (n)", "RETURN"],
  ["", "RETURN"],
  ["MATCH (n) RETURN *", "RETURN *"],
  ["MATCH (n) RETURN n, *", "RETURN *"],
  ["RETURN 1, ", "lacks"],
  ["RETURN", "lacks"],
  ["MATCH (n) SET n.a = 1 RETURN n", "writes"],
  ["MERGE (n) ON CREATE SET n.a = 1 RETURN n", "writes"],
  ["match (n) detach delete n return 1", "writes"],
  ["RETURN '\0'", "U+0000"],
])("refuses %j", (query, message) => {
  expect(() => readingQuery(query)).toThrow(
    expect.objectContaining({ code: "RMTC_QUERY_INVALID", message: expect.stringContaining(message) }),
  );
});

test("takes the semicolon off the end", () => {
  expect(readingQuery("RETURN 1 ; // done").text).toBe("RETURN 1 ");
});
