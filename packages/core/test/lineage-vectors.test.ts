// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import type { LikenessKind, RecordId, RmtcRecord } from "@rmtc/spec";
import { describe, expect, it } from "vitest";
import { generateLineageVectors } from "../scripts/generate-lineage-vectors.ts";
import { exposure, impact, type LineageGap, type Workspace } from "../src/index.ts";
import { openTestWorkspace } from "./fixtures/test-workspace.ts";

interface Gap {
  readonly type: string;
  readonly record: RecordId;
}

interface Question {
  readonly description: string;
  readonly artifact: RecordId;
  readonly target: RecordId;
  readonly kinds?: readonly LikenessKind[];
  readonly received: number;
  readonly verdict?: string;
  readonly code?: string;
  readonly pointer?: string;
  readonly complete?: boolean;
  readonly targets?: readonly RecordId[];
  readonly path?: readonly unknown[];
  readonly notice?: RecordId;
  readonly gaps?: readonly Gap[];
}

interface Downstream {
  readonly description: string;
  readonly received: number;
  readonly record: RecordId;
  readonly reached: readonly RecordId[];
  readonly unsealed: readonly RecordId[];
  readonly holders: readonly unknown[];
  readonly complete: boolean;
  readonly gaps: readonly Gap[];
}

interface VectorFile {
  readonly trustedKeys: readonly string[];
  readonly tests: readonly {
    readonly description: string;
    readonly records: readonly RmtcRecord[];
    readonly questions: readonly Question[];
    readonly downstream?: readonly Downstream[];
  }[];
}

const path = new URL("../../../spec/draft/vectors/lineage.json", import.meta.url);
const text = await readFile(path, "utf8");
const { trustedKeys, tests } = JSON.parse(text) as VectorFile;

it("are as they are generated", async () => {
  expect(JSON.parse(await generateLineageVectors())).toEqual(JSON.parse(text));
});

describe.each(tests)("a reader $description", ({ records, questions, downstream = [] }) => {
  it.each(questions)("$description", async (question) => {
    const workspace = await openTestWorkspace({}, { trustedKey: trustedKeys[0] ?? "" });
    const asOf = (await putOneByOne(workspace, records))[question.received];
    const { artifact, target, kinds, code, pointer, gaps = [] } = question;
    const asked = exposure(workspace, artifact, target, { asOf, kinds });
    if (code !== undefined) return await expect(asked).rejects.toMatchObject({ code, pointer });
    const found = await asked;
    expect(found.verdict).toBe(question.verdict);
    expect(found.complete).toBe(question.complete);
    expect(sorted(found.gaps)).toEqual(sorted(gaps));
    if (question.path !== undefined) {
      expect(found.path?.map(({ from, rel, to }) => ({ from, rel, to }))).toEqual(question.path);
    }
    if (question.notice !== undefined) expect(found.notice).toBe(question.notice);
    if (question.targets !== undefined)
      expect([...found.targets].sort()).toEqual(question.targets.toSorted());
  });

  it.each(downstream)(
    "$description",
    async ({ record, received, reached, unsealed, holders, complete, gaps }) => {
      const workspace = await openTestWorkspace({}, { trustedKey: trustedKeys[0] ?? "" });
      const asOf = (await putOneByOne(workspace, records))[received];
      const found = await impact(workspace, record, { asOf });
      expect(found.nodes.map(({ id }) => id).sort()).toEqual(reached.toSorted());
      expect(found.unsealed).toEqual(unsealed);
      expect(found.holders).toEqual(holders);
      expect(found.complete).toBe(complete);
      expect(sorted(found.gaps)).toEqual(sorted(gaps));
    },
  );
});

/** Puts records one after another, and returns the cursor as of which each number of them was received. */
async function putOneByOne(workspace: Workspace, records: readonly RmtcRecord[]): Promise<string[]> {
  const cursors = [(await workspace.records.head()).cursor];
  for (const record of records) cursors.push((await workspace.records.put({ records: [record] })).cursor);
  return cursors;
}

function sorted(gaps: readonly (Gap | LineageGap)[]): string[] {
  return gaps.map(({ type, record }) => `${type} ${record}`).sort();
}
