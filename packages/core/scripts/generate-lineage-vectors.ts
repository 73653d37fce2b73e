// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { canonicalJson, signNotice, verifyNotice } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import { Graph, type NoticeSigner } from "./lineage/graph.ts";
import { lineageTests } from "./lineage/tests.ts";

const path = new URL("../../../spec/draft/vectors/lineage.json", import.meta.url);
const description =
  "Graphs of records, in the order in which a store receives them, and questions about them: whether `artifact` has seen `target`, and what was made from `record`. A question has the verdict, the path or notice that shows it, and the gaps, in any order; or the code and pointer of the refusal. It is asked as of when `received` records had been received, and without `kinds` about all kinds of likeness. `downstream` has every record reached, the start included. Notices signed under `trustedKeys` are trusted. RMTC-PRV-002 to RMTC-PRV-004, RMTC-PRV-012, RMTC-PRV-015, RMTC-PRV-016, RMTC-PRV-050, RMTC-PRV-051, RMTC-PRV-065 to RMTC-PRV-070, RMTC-PRV-081 to RMTC-PRV-085, RMTC-PRV-091 to RMTC-PRV-096, RMTC-PRV-110 to RMTC-PRV-117, RMTC-PRV-130 to RMTC-PRV-134, RMTC-REC-043, RMTC-REC-046.";

interface File {
  readonly description: string;
  readonly trustedKeys: readonly string[];
  readonly tests: readonly { readonly description: string; readonly records: readonly RmtcRecord[] }[];
}

/**
 * Makes the file of lineage vectors. What is expected is stated by hand and never computed; signatures draw
 * random numbers, so the committed ones are kept while they verify.
 */
export async function generateLineageVectors(): Promise<string> {
  const before = await committed();
  return `${JSON.stringify((before && (await build(before))) ?? (await build(undefined)), null, 2)}\n`;
}

async function build(before: File | undefined): Promise<File | undefined> {
  const key = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const trustedKeys = before?.trustedKeys ?? [key.publicKey];
  const signed = new Map(
    before?.tests.flatMap(({ records }) => records).map((record) => [record.id, record]),
  );
  let current = true;
  const sign: NoticeSigner = (notice) => {
    const kept = signed.get(notice.id);
    const isCurrent =
      kept?.body !== undefined &&
      verifyNotice(kept, trustedKeys).trusted &&
      canonicalJson({ ...kept, body: { facts: kept.body.facts } }) === canonicalJson(notice);
    if (isCurrent) return kept;
    if (before !== undefined) current = false;
    return { ...signNotice(notice, key.privateKey), salts: { ...notice.salts } };
  };
  Graph.restart();
  const tests = Object.entries(lineageTests).map(([title, tell]) => {
    const graph = new Graph(sign);
    tell(graph);
    const { records, questions, downstream } = graph;
    return { description: title, records, questions, ...(downstream.length > 0 ? { downstream } : {}) };
  });
  return current ? { description, trustedKeys, tests } : undefined;
}

async function committed(): Promise<File | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as File;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

if (import.meta.main) await writeFile(path, await generateLineageVectors());
