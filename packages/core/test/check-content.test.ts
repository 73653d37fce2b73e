// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { isRmtcError } from "@rmtc/contract";
import type { RecordId, RmtcRecord } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { checkContent } from "../src/check-content.ts";

interface ContentVector {
  readonly description: string;
  readonly record: RmtcRecord;
  readonly targets: Readonly<Record<RecordId, string>>;
  readonly code?: string;
  readonly pointer?: string;
}

const path = new URL("../../../spec/draft/vectors/content.json", import.meta.url);
const { tests } = JSON.parse(await readFile(path, "utf8")) as { tests: readonly ContentVector[] };

describe("a record that is about to be put", () => {
  it.each(tests.map((test) => [test.description, test] as const))(
    "%s",
    (_, { record, targets, code, pointer }) => {
      let found: { code?: string; pointer?: string | undefined } = {};
      try {
        checkContent(record, (id) => targets[id]);
      } catch (error) {
        if (!isRmtcError(error)) throw error;
        found = { code: error.code, pointer: error.pointer };
      }
      expect(found).toEqual(code === undefined ? {} : { code, pointer });
    },
  );
});
