// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { type FindRequest, RmtcError } from "@rmtc/contract";
import type { RmtcRecord } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { checkQuery, comparePlaces, matches, orderPlace, wordsOf } from "../src/index.ts";

interface QueryTest {
  readonly description: string;
  readonly request: Omit<FindRequest, "limit">;
  readonly ids?: readonly string[];
  readonly code?: string;
  readonly pointer?: string;
}

async function read<T>(name: string): Promise<T> {
  return JSON.parse(
    await readFile(new URL(`../../../spec/draft/vectors/${name}`, import.meta.url), "utf8"),
  ) as T;
}

const { records, tests } = await read<{ records: RmtcRecord[]; tests: QueryTest[] }>("query.json");
const words = await read<{ tests: { description: string; text: string; words: string[] }[] }>("words.json");

function find({ request }: QueryTest): Pick<QueryTest, "ids" | "code" | "pointer"> {
  try {
    checkQuery({ ...request, limit: 1_000 });
  } catch (error) {
    if (!(error instanceof RmtcError) || error.pointer === undefined) throw error;
    return { code: error.code, pointer: error.pointer };
  }
  const places = records
    .map((record) => ({ record, digest: `sha256:${"0".repeat(64)}` }))
    .filter((stored) => matches(stored, request.where))
    .map((stored) => orderPlace(stored, request.order));
  return { ids: places.sort((a, b) => comparePlaces(a, b, request.order)).map(({ id }) => id) };
}

describe("a query, as the vectors fix it,", () => {
  it.each(tests.map((test) => [test.description, test] as const))("%s", (_, test) => {
    const { description: __, request: ___, ...expected } = test;
    expect(find(test)).toEqual(expected);
  });
});

describe("the tokeniser, as the vectors fix it,", () => {
  it.each(words.tests.map((test) => [test.description, test] as const))("%s", (_, test) => {
    expect(wordsOf(test.text)).toEqual(test.words);
  });
});
