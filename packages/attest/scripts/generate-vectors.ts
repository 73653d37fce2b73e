// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile, writeFile } from "node:fs/promises";
import { canonicalJsonVectors } from "./vectors/canonical-json.ts";
import { historyVectors } from "./vectors/history-digest.ts";
import { itemVectors } from "./vectors/items.ts";
import { noticeVectors } from "./vectors/notice-signature.ts";
import { recordVectors } from "./vectors/record-digest.ts";
import { redactionVectors } from "./vectors/redaction.ts";
import { sealedTextVectors } from "./vectors/sealed-text.ts";
import type { VectorFile } from "./vectors/vector-file.ts";

const folder = new URL("../../../spec/draft/vectors/", import.meta.url);

/** Makes every computed vector file, by its name under `spec/draft/vectors/`. */
export async function generateVectors(): Promise<Map<string, string>> {
  const files: readonly (readonly [string, VectorFile])[] = [
    ["canonical-json.json", canonicalJsonVectors()],
    ["record-digest.json", recordVectors()],
    ["redaction.json", redactionVectors()],
    ["items.json", itemVectors()],
    ["sealed-text.json", sealedTextVectors()],
    ["history-digest.json", historyVectors()],
    ["notice-signature.json", noticeVectors(await committed("notice-signature.json"))],
  ];
  return new Map(files.map(([name, file]) => [name, `${JSON.stringify(file, null, 2)}\n`]));
}

/** Reads the committed file: signatures draw random numbers, so they are kept while they verify. */
async function committed(name: string): Promise<VectorFile | undefined> {
  try {
    return JSON.parse(await readFile(new URL(name, folder), "utf8")) as VectorFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

if (import.meta.main) {
  for (const [name, text] of await generateVectors()) await writeFile(new URL(name, folder), text);
}
