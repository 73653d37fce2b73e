// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createHash, generateKeyPairSync } from "node:crypto";
import {
  itemsRoot,
  makeRecord,
  type RecordContent,
  recordDigest,
  redact,
  SegmentBuilder,
  sha256,
  signNotice,
} from "@rmtc/attest";
import type { DatasetItem, Digest, RmtcRecord } from "@rmtc/spec";
import { safetensorsToBytes, tensorFromBytes } from "@rmtc/tensor";

/** How a folder of documents differs from the good one. */
export interface DocumentTwist {
  /** Changes what a record says before it is hashed. */
  readonly content?: (name: string, content: RecordContent) => RecordContent;
  /** Changes a record as it is written, so that its digest may be wrong. */
  readonly written?: (name: string, record: RmtcRecord) => unknown;
  /** Changes the lines of the segment before its digest and root are taken. */
  readonly lines?: (lines: string[]) => string[];
  /** Changes what the folder holds at the end. */
  readonly files?: (files: Map<string, string | Uint8Array>) => void;
}

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }) as string;

/** The public key of the notice in the good folder. */
export const publicKey: string = keys.publicKey.export({ type: "spki", format: "pem" }) as string;

/** A layout that keeps every rule. */
export const goodLayout: Readonly<Record<string, unknown>> = {
  dtype: "F32",
  shape: [1, 2, 3],
  axes: ["h", "w", "c"],
  channels: ["R", "G", "B"],
};

const bytes = new Uint8Array(24);

/** A safetensors file with one tensor. */
export const goodTensors: Uint8Array = safetensorsToBytes([
  ["plate", tensorFromBytes("F32", [1, 2, 3], bytes)],
]);

/** Its C4 ID, by another way to base 58 than the suite's: SHA-512 byte by byte. */
const goodTensorsC4 = ((): string => {
  const digits = [0];
  for (const byte of createHash("sha512").update(goodTensors).digest()) {
    let carry = byte;
    for (let place = 0; place < digits.length || carry > 0; place += 1) {
      carry += (digits[place] ?? 0) * 256;
      digits[place] = carry % 58;
      carry = Math.floor(carry / 58);
    }
  }
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  return `c4${digits
    .toReversed()
    .map((digit) => alphabet[digit])
    .join("")
    .padStart(88, "1")}`;
})();

/** Makes the files of a small production: a plate, a dataset, a training, a notice, and what stands around them. */
export function makeDocuments(twist: DocumentTwist = {}): Map<string, string | Uint8Array> {
  const records: { readonly name: string; readonly record: RmtcRecord }[] = [];
  const add = (name: string, content: RecordContent): RmtcRecord => {
    const made = makeRecord(twist.content?.(name, content) ?? content);
    const record =
      name === "notice" ? signNotice(made, privateKey) : name === "hero" ? redact(made, ["name"]) : made;
    records.push({ name, record });
    return record;
  };
  const link = (rel: string, record: RmtcRecord) => ({ rel, to: record.id, digest: recordDigest(record) });
  const plateFile = {
    path: "plate.safetensors",
    mediaType: "application/vnd.safetensors",
    sizeBytes: goodTensors.byteLength,
    digest: sha256(goodTensors),
    c4: goodTensorsC4,
  };
  const ada = add("ada", { kind: "party", name: "Ada", body: { partyType: "person" } });
  const hero = add("hero", { kind: "subject", name: "withheld", tags: ["hero"], body: {} });
  add("consent", {
    kind: "consent",
    links: [link("about", hero)],
    body: { authority: "performer", likenessKinds: ["face"], permittedUses: ["train"] },
  });
  const plate = add("plate", {
    kind: "asset",
    links: [link("depicts", hero)],
    files: [plateFile],
    body: { origin: "captured", depicts: [{ link: 0, kinds: ["face"] }] },
    extensions: { RMTC_test: {} },
  });
  const item: DatasetItem = {
    key: "sh010.1001",
    split: "train",
    slots: { plate: { record: plate.id, digest: plateFile.digest, path: plateFile.path } },
  };
  const builder = new SegmentBuilder();
  const good = [builder.addItem(item), builder.addLeaf(sha256("erased"))];
  const reference = builder.finish();
  const text = (twist.lines?.(good) ?? good).join("");
  const segment = { ...reference, digest: sha256(text) as Digest };
  const dataset = add("dataset", {
    kind: "dataset",
    links: [link("hasMember", plate), link("depicts", hero)],
    body: { segments: [segment], itemsRoot: itemsRoot([segment.root]), itemCount: 2 },
  });
  const run = add("run", {
    kind: "run",
    links: [link("trainedOn", dataset), link("attributedTo", ada)],
    body: { trainer: { name: "by hand", version: "1" }, seed: 0, inputsClosed: true },
  });
  const weights = add("weights", {
    kind: "weights",
    links: [link("generatedBy", run)],
    body: { format: "onnx" },
  });
  add("service", {
    kind: "weights",
    body: { format: "other", external: { provider: "Somebody", model: "one", version: "1" } },
  });
  add("seal", {
    kind: "seal",
    links: [link("about", run), link("lists", weights)],
    body: { state: "succeeded" },
  });
  add("inference", {
    kind: "inference",
    links: [link("used", weights), link("used", plate), link("attributedTo", ada)],
    body: {
      inferer: { name: "by hand", version: "1" },
      inputsClosed: true,
      humanInput: [{ actor: 2, activity: "select" }],
    },
  });
  add("graded", {
    kind: "asset",
    links: [link("supersedes", plate)],
    body: { origin: "handmade", supersedes: [{ link: 0, as: "revision" }] },
  });
  add("notice", {
    kind: "notice",
    links: [link("about", plate), link("attributedTo", ada)],
    body: { facts: [{ type: "withdrawal", effect: "asserts", about: [0] }] },
  });
  const files = new Map<string, string | Uint8Array>([
    ["records.ndjson", records.map(({ name, record }) => `${written(name, record)}\n`).join("")],
    ["plate.safetensors", goodTensors],
    ["segment.jsonl", text],
    ["layout.json", JSON.stringify(goodLayout)],
    ["layouts.json", JSON.stringify({ plate: goodLayout })],
    ["notes.txt", "nothing of this standard"],
  ]);
  twist.files?.(files);
  return files;

  function written(name: string, record: RmtcRecord): string {
    const value = twist.written?.(name, record) ?? record;
    return typeof value === "string" ? value : JSON.stringify(value);
  }
}
