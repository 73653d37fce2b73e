// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { sha256 } from "@rmtc/attest";
import type { Converter } from "@rmtc/contract";
import type { CaseContext } from "../../conformance-case.ts";
import type { Operation, TraitSubject } from "../../traits/operation.ts";
import { outputFolder, requestsOf } from "./sample-sources.ts";

/** The one method of a converter, for the traits. */
export const converterTraits: TraitSubject<Converter> = {
  prefix: "converter",
  spec: {
    closed: "converter.md#rmtc-cnv-017",
    closedTwice: "converter.md#rmtc-cnv-017",
    aborted: "converter.md#rmtc-cnv-015",
    blocking: "converter.md#rmtc-cnv-015",
    concurrent: "converter.md#rmtc-cnv-007",
  },
  closedCode: "RMTC_STATE_INVALID",
  operations: ["convert"],
  midway: ["convert"],
  concurrent: ["convert"],
  needs: {},
  prepare: (context) => operationsOn(context),
  async observe(_, { folder }) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  },
  prepareHeavy: (context) =>
    operationsOn(
      context,
      Array.from({ length: context.size(4_000_000, 4_000) }, (_, index) => index % 97),
    ),
};

async function operationsOn(
  context: CaseContext<Converter>,
  numbers?: readonly number[],
): Promise<readonly Operation<Converter>[]> {
  const [request] = await requestsOf(context, numbers);
  assert.ok(request, "there is no source for any conversion; let the fixture bring one");
  return [
    {
      name: "convert",
      async call(on, options) {
        const { files, report } = await on.convert(
          { ...request, outputFolder: await outputFolder(context) },
          options,
        );
        return {
          report,
          files: await Promise.all(files.map(async ({ path }) => sha256(await readFile(path)))),
        };
      },
    },
  ];
}
