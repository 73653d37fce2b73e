// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordContent } from "@rmtc/attest";
import type { RmtcRecord } from "@rmtc/spec";
import { type DocumentTwist, goodLayout, goodTensors } from "./make-documents.ts";

/** A folder that is right but for one thing, the check that catches it, and how it says so. */
export interface DocumentDouble {
  readonly id: string;
  /** The check, without `documents.` before it. */
  readonly breaks: string;
  /** Every other check that catches it too. */
  readonly alsoCaughtBy?: readonly string[];
  readonly code: string;
  /** The file and the pointer of the first problem. */
  readonly place: string;
  readonly twist: DocumentTwist;
}

const invalid = "RMTC_DOCUMENT_INVALID";
const otherDigest = `sha256:${"0".repeat(64)}`;

/** Changes one record's content before it is hashed. */
function content(name: string, change: (content: RecordContent) => Partial<RecordContent>): DocumentTwist {
  return { content: (one, given) => (one === name ? { ...given, ...change(given) } : given) };
}

/** Changes one record as it is written. */
function written(name: string, change: (record: RmtcRecord) => unknown): DocumentTwist {
  return { written: (one, record) => (one === name ? change(record) : record) };
}

/** Puts another file into the folder, or another in the place of one. */
function file(path: string, bytes: string | Uint8Array): DocumentTwist {
  return { files: (files) => void files.set(path, bytes) };
}

/** Writes a header of safetensors before 24 bytes of data. */
function tensors(header: string): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(24)]);
}

/** One double for every check of documents, and more where a check has several sides. */
export const documentDoubles: readonly DocumentDouble[] = [
  {
    id: "says-a-key-twice",
    breaks: "json.i-json",
    code: "RMTC_JSON_INVALID",
    place: "records.ndjson#/0",
    twist: written("ada", (record) => JSON.stringify(record).replace('"kind"', '"kind":"subject","kind"')),
  },
  {
    id: "mints-ids-of-another-version",
    breaks: "record.envelope",
    code: invalid,
    place: "records.ndjson#/7/id",
    twist: written("service", (record) => ({
      ...record,
      id: "urn:uuid:00000000-0000-4000-8000-000000000000",
    })),
  },
  {
    id: "adds-a-field-to-the-envelope",
    breaks: "record.known-fields",
    code: invalid,
    place: "records.ndjson#/7/digest",
    twist: written("service", (record) => ({ ...record, digest: otherDigest })),
  },
  {
    id: "leaves-the-folder",
    breaks: "record.paths",
    code: invalid,
    place: "records.ndjson#/3/files/0/path",
    twist: written("plate", (record) => ({
      ...record,
      files: record.files?.map((one) => ({ ...one, path: "../../etc/passwd" })),
    })),
  },
  {
    id: "forgets-a-salt",
    breaks: "record.salts",
    code: invalid,
    place: "records.ndjson#/7/body",
    twist: written("service", ({ salts: _, ...record }) => record),
  },
  {
    id: "keeps-the-salt-of-a-withheld-part",
    breaks: "record.salts",
    code: invalid,
    place: "records.ndjson#/1/salts/name",
    twist: written("hero", (record) => ({
      ...record,
      salts: { ...record.salts, name: "AAAAAAAAAAAAAAAAAAAAAA" },
    })),
  },
  {
    id: "discloses-what-it-redacts",
    breaks: "record.redacted",
    code: invalid,
    place: "records.ndjson#/1/redacted/tags",
    twist: written("hero", (record) => ({ ...record, redacted: { ...record.redacted, tags: otherDigest } })),
  },
  {
    id: "changes-a-record-under-its-id",
    breaks: "record.one-digest",
    code: "RMTC_RECORD_CONFLICT",
    place: "records.ndjson#/8/id",
    twist: written(
      "service",
      (record) =>
        `${JSON.stringify(record)}\n${JSON.stringify({ ...record, createdAt: "2026-01-01T00:00:00.000Z" })}`,
    ),
  },
  {
    id: "writes-a-body-of-another-schema",
    breaks: "record.body",
    code: invalid,
    place: "records.ndjson#/0/body/partyType",
    twist: content("ada", () => ({ body: { partyType: "robot" } })),
  },
  {
    id: "names-a-link-that-is-not-there",
    breaks: "record.link-indexes",
    code: invalid,
    place: "records.ndjson#/3/body/depicts/0/link",
    twist: content("plate", ({ body }) => ({ body: { ...body, depicts: [{ link: 1 }] } })),
  },
  {
    id: "names-a-record-in-a-body",
    breaks: "record.no-ids-in-body",
    code: invalid,
    place: "records.ndjson#/5/body/trainer/name",
    twist: content("run", ({ body }) => ({
      body: { ...body, trainer: { name: "urn:uuid:01936e5a-0000-7000-8000-000000000001", version: "1" } },
    })),
  },
  {
    id: "has-files-of-a-service",
    breaks: "record.external",
    code: invalid,
    place: "records.ndjson#/7/files",
    twist: content("service", () => ({
      files: [{ path: "a.bin", mediaType: "application/octet-stream", sizeBytes: 1, digest: otherDigest }],
    })),
  },
  {
    id: "gives-two-files-one-path",
    breaks: "record.paths-once",
    code: invalid,
    place: "records.ndjson#/3/files/1/path",
    twist: content("plate", ({ files = [] }) => ({ files: [...files, ...files] })),
  },
  {
    id: "calls-safetensors-something-else",
    breaks: "record.media-types",
    code: invalid,
    place: "records.ndjson#/3/files/0/mediaType",
    twist: content("plate", ({ files = [] }) => ({
      files: files.map((one) => ({ ...one, mediaType: "application/octet-stream" })),
    })),
  },
  {
    id: "hands-out-the-prefix-of-examples",
    breaks: "record.own-prefix",
    code: invalid,
    place: "records.ndjson#/3/extensions/ACME_grade",
    twist: content("plate", () => ({ extensions: { ACME_grade: {} } })),
  },
  {
    id: "links-under-another-digest",
    breaks: "link.digest",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/6/links/0/digest",
    twist: content("weights", ({ links = [] }) => ({
      links: links.map((link) => ({ ...link, digest: otherDigest })),
    })),
  },
  {
    id: "changes-a-target",
    breaks: "link.digest",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/5/links/1/digest",
    twist: written("ada", (record) => ({ ...record, name: "Eve" })),
  },
  {
    id: "trains-on-a-person",
    breaks: "link.relation",
    code: invalid,
    place: "records.ndjson#/5/links/0/rel",
    twist: content("run", ({ links = [] }) => ({
      links: links.map((link) => ({ ...link, rel: link.rel === "trainedOn" ? "hasMember" : link.rel })),
    })),
  },
  {
    id: "is-generated-twice",
    breaks: "link.relation",
    code: invalid,
    place: "records.ndjson#/6/links/1",
    twist: content("weights", ({ links = [] }) => ({ links: [...links, ...links] })),
  },
  {
    id: "does-not-say-if-it-corrects",
    breaks: "link.supersedes",
    code: invalid,
    place: "records.ndjson#/10/links/0",
    twist: content("graded", () => ({ body: { origin: "handmade" } })),
  },
  {
    id: "seals-nothing",
    breaks: "seal.about",
    code: invalid,
    place: "records.ndjson#/8/links",
    twist: content("seal", ({ links = [] }) => ({ links: links.filter(({ rel }) => rel !== "about") })),
  },
  {
    id: "consents-for-nobody",
    breaks: "consent.about",
    code: invalid,
    place: "records.ndjson#/2/links",
    twist: content("consent", () => ({ links: [] })),
  },
  {
    id: "tells-of-what-it-is-not-about",
    breaks: "notice.about",
    code: invalid,
    place: "records.ndjson#/11/body/facts/0/about/0",
    twist: content("notice", () => ({
      body: { facts: [{ type: "withdrawal", effect: "asserts", about: [1] }] },
    })),
  },
  {
    id: "changes-facts-after-they-were-signed",
    breaks: "notice.envelope",
    code: "RMTC_SIGNATURE_INVALID",
    place: "records.ndjson#/11/body/signature",
    twist: written("notice", (record) => ({
      ...record,
      body: { ...record.body, facts: [{ type: "erasure", effect: "asserts", about: [0] }] },
    })),
  },
  {
    id: "forges-a-signature",
    breaks: "notice.signature",
    code: "RMTC_SIGNATURE_INVALID",
    place: "records.ndjson#/11/body/signature",
    twist: written("notice", (record) => {
      const text = JSON.stringify(record);
      return text.replace(/"sig":"[^"]*"/, '"sig":"AAAA"');
    }),
  },
  {
    id: "takes-weights-for-a-person",
    breaks: "inference.people",
    code: invalid,
    place: "records.ndjson#/9/body/humanInput/0/actor",
    twist: content("inference", ({ body }) => ({
      body: { ...body, humanInput: [{ actor: 0, activity: "select" }] },
    })),
  },
  {
    id: "links-every-frame",
    breaks: "dataset.links",
    code: invalid,
    place: "records.ndjson#/4/links",
    twist: content("dataset", ({ links = [] }) => ({
      links: [
        ...links,
        ...Array.from({ length: 9_999 }, () => links[0]).filter((link) => link !== undefined),
      ],
    })),
  },
  {
    id: "names-another-root",
    breaks: "dataset.root",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/4/body/itemsRoot",
    twist: content("dataset", ({ body }) => ({ body: { ...body, itemsRoot: otherDigest } })),
  },
  {
    id: "overfills-a-segment",
    breaks: "segment.size",
    code: invalid,
    place: "large.jsonl#/65536",
    twist: file("large.jsonl", `{"leaf":"${otherDigest}"}\n`.repeat(65_537)),
  },
  {
    id: "puts-spaces-into-lines",
    breaks: "segment.lines",
    code: invalid,
    place: "segment.jsonl#/1",
    twist: { lines: (lines) => lines.map((line, index) => (index === 1 ? line.replace(":", ": ") : line)) },
  },
  {
    id: "loses-a-line",
    breaks: "segment.root",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/4/body/segments/0/count",
    twist: { lines: (lines) => lines.slice(1) },
  },
  {
    id: "moves-a-line",
    breaks: "segment.root",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/4/body/segments/0/root",
    twist: { lines: (lines) => lines.toReversed() },
  },
  {
    id: "does-not-link-what-items-name",
    breaks: "segment.names",
    code: invalid,
    place: "records.ndjson#/4/body/segments/0",
    twist: content("dataset", ({ links = [] }) => ({
      links: links.filter(({ rel }) => rel !== "hasMember"),
    })),
  },
  {
    id: "flips-a-bit-of-a-file",
    breaks: "file.digest",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/3/files/0/digest",
    twist: file("plate.safetensors", goodTensors.with(goodTensors.byteLength - 1, 1)),
  },
  {
    id: "says-another-size",
    breaks: "file.digest",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/3/files/0/sizeBytes",
    twist: content("plate", ({ files = [] }) => ({ files: files.map((one) => ({ ...one, sizeBytes: 1 })) })),
  },
  {
    id: "gives-the-c4-id-of-nothing",
    breaks: "file.c4",
    code: "RMTC_DIGEST_MISMATCH",
    place: "records.ndjson#/3/files/0/c4",
    twist: content("plate", ({ files = [] }) => ({
      files: files.map((one) => ({
        ...one,
        c4: "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
      })),
    })),
  },
  {
    id: "has-a-type-that-nobody-knows",
    breaks: "layout.schema",
    code: invalid,
    place: "layout.json#/dtype",
    twist: file("layout.json", JSON.stringify({ ...goodLayout, dtype: "float" })),
  },
  {
    id: "names-too-few-channels",
    breaks: "layout.rules",
    code: invalid,
    place: "layouts.json#/a~1b/channels",
    twist: file("layouts.json", JSON.stringify({ "a/b": { ...goodLayout, channels: ["R"] } })),
  },
  {
    id: "overlaps-tensors",
    breaks: "tensors.format",
    code: "RMTC_FORMAT_INVALID",
    place: "more.safetensors#",
    twist: file("more.safetensors", tensors('{"a":{"dtype":"F32","shape":[6],"data_offsets":[4,28]}}')),
  },
  {
    id: "has-elements-that-nobody-knows",
    breaks: "tensors.dtypes",
    code: "RMTC_FORMAT_UNSUPPORTED",
    place: "more.safetensors#",
    twist: file("more.safetensors", tensors('{"a":{"dtype":"F33","shape":[6],"data_offsets":[0,24]}}')),
  },
  {
    id: "has-a-thousand-axes",
    breaks: "tensors.limits",
    code: "RMTC_LIMIT_EXCEEDED",
    place: "more.safetensors#",
    twist: file(
      "more.safetensors",
      tensors(`{"a":{"dtype":"F32","shape":[6${",1".repeat(999)}],"data_offsets":[0,24]}}`),
    ),
  },
];
