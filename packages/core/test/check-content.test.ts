// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, newRecordId } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import { expect, it } from "vitest";
import { checkContent } from "../src/check-content.ts";

const file = {
  path: "weights.onnx",
  mediaType: "application/vnd.onnx",
  sizeBytes: 1,
  digest: `sha256:${"0".repeat(64)}`,
};
const supersedes = { rel: "supersedes", to: newRecordId(), digest: file.digest };

function refusal(record: RmtcRecord): unknown {
  try {
    checkContent(record, () => undefined);
  } catch (error) {
    return error;
  }
  return undefined;
}

it("refuses two files with one path", () => {
  const record = makeRecord({ kind: "weights", files: [file, { ...file, sizeBytes: 2 }], body: {} });
  expect(refusal(record)).toMatchObject({ code: "RMTC_DOCUMENT_INVALID", pointer: "/files/1/path" });
});

it("refuses files of weights that are known only as a service", () => {
  const body = { external: { provider: "acme", model: "dream-2" } };
  expect(refusal(makeRecord({ kind: "weights", body }))).toBeUndefined();
  const record = makeRecord({ kind: "weights", files: [file], body });
  expect(refusal(record)).toMatchObject({ code: "RMTC_DOCUMENT_INVALID", pointer: "/files" });
});

it("asks of every record that supersedes another whether it is a revision or a correction", () => {
  const unmarked = makeRecord({ kind: "subject", links: [supersedes], body: {} });
  expect(refusal(unmarked)).toMatchObject({ code: "RMTC_DOCUMENT_INVALID", pointer: "/links/0" });
  for (const as of ["revision", "correction"]) {
    const body = { supersedes: [{ link: 0, as }] };
    expect(refusal(makeRecord({ kind: "subject", links: [supersedes], body }))).toBeUndefined();
  }
});
