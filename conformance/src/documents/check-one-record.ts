// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { checkRecord } from "@rmtc/attest";
import { isRmtcError } from "@rmtc/contract";
import {
  type Digest,
  kindFamilies,
  mediaTypes,
  type RmtcRecord,
  type SchemaName,
  validateDocument,
} from "@rmtc/spec";
import type { DocumentCheckName } from "./document-checks.ts";
import type { FileFindings } from "./file-findings.ts";

const fields = new Set(
  "specVersion id kind createdAt links name version tags files body annotations extensions salts redacted".split(
    " ",
  ),
);
const kinds = new Set(Object.values(kindFamilies).flat());
const idPattern = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Formats whose files are told by their suffix; `.json` and `.jsonl` may hold anything. */
const suffixes = mediaTypes.filter(({ suffix }) => suffix !== "" && !suffix.startsWith(".json"));
const examplePrefix = /^(?:ACME|FACILITY)_/;

/** A record whose envelope is well formed, and where it stands. */
export interface PlacedRecord {
  readonly record: RmtcRecord;
  readonly digest: Digest;
  readonly findings: FileFindings;
  /** Pointer to it in its file. */
  readonly pointer: string;
}

/** Checks a record by itself; returns it when its envelope is well formed, so that others can be compared with it. */
export function checkOneRecord(
  value: unknown,
  findings: FileFindings,
  pointer: string,
): PlacedRecord | undefined {
  findings.applies("record.envelope", "record.known-fields");
  let digest: Digest;
  try {
    digest = checkRecord(value as RmtcRecord).digest;
  } catch (error) {
    findings.failBy(checkOfRefusal(error), error, pointer);
    return undefined;
  }
  const record = value as RmtcRecord;
  checkFiles(record, findings, pointer);
  checkPrefixes(record, findings, pointer);
  if (record.salts !== undefined) findings.applies("record.salts");
  if (record.redacted !== undefined) findings.applies("record.redacted");
  if (record.body !== undefined) checkBody(record, record.body, findings, pointer);
  return { record, digest, findings, pointer };
}

/** Tells which demand a refusal of the envelope is about, by its place. */
function checkOfRefusal(error: unknown): DocumentCheckName {
  if (!isRmtcError(error)) return "record.envelope";
  if (error.code === "RMTC_JSON_INVALID") return "json.i-json";
  const [, first = "", second, third] = (error.pointer ?? "").split("/");
  if (first !== "" && !fields.has(first)) return "record.known-fields";
  if (first === "files" && third === "path") return "record.paths";
  if (first === "redacted" && error.message.includes("disclosed")) return "record.redacted";
  if (first === "salts" && second !== undefined) return "record.salts";
  return error.message.includes("no salt") ? "record.salts" : "record.envelope";
}

function checkFiles({ files, body }: RmtcRecord, findings: FileFindings, pointer: string): void {
  if (files === undefined) return;
  findings.applies("record.paths", "record.paths-once", "record.media-types");
  const seen = new Set<string>();
  for (const [index, { path, mediaType }] of files.entries()) {
    const place = `${pointer}/files/${index}`;
    if (seen.has(path)) {
      findings.fail(
        "record.paths-once",
        "RMTC_DOCUMENT_INVALID",
        `${place}/path`,
        "Another file has this path.",
      );
    }
    seen.add(path);
    const known = suffixes.filter(({ suffix }) => path.toLowerCase().endsWith(suffix));
    if (known.length > 0 && !known.some((one) => one.mediaType === mediaType)) {
      const expected = known.map((one) => one.mediaType).join(" or ");
      const message = `It is ${mediaType}, where the suffix stands for ${expected}.`;
      findings.fail("record.media-types", "RMTC_DOCUMENT_INVALID", `${place}/mediaType`, message);
    }
  }
  if (Reflect.get(body ?? {}, "external") !== undefined && files.length > 0) {
    const message = "Weights that are known only as a service have no files.";
    findings.fail("record.external", "RMTC_DOCUMENT_INVALID", `${pointer}/files`, message);
  }
}

function checkPrefixes({ kind, extensions = {} }: RmtcRecord, findings: FileFindings, pointer: string): void {
  findings.applies("record.own-prefix");
  const message = "ACME and FACILITY stand for a vendor in examples, and for nobody in documents.";
  if (examplePrefix.test(kind)) {
    findings.fail("record.own-prefix", "RMTC_DOCUMENT_INVALID", `${pointer}/kind`, message);
  }
  for (const name of Object.keys(extensions).filter((key) => examplePrefix.test(key))) {
    findings.fail("record.own-prefix", "RMTC_DOCUMENT_INVALID", `${pointer}/extensions/${name}`, message);
  }
}

function checkBody(record: RmtcRecord, body: object, findings: FileFindings, pointer: string): void {
  const { kind, links } = record;
  if (kinds.has(kind)) {
    findings.applies("record.body");
    if (kind === "weights") findings.applies("record.external");
    const issue = validateDocument(kind as SchemaName, body);
    if (issue !== undefined) {
      const message = `In the body of the kind ${kind}, "${issue.pointer}" ${issue.message}.`;
      findings.fail("record.body", "RMTC_DOCUMENT_INVALID", `${pointer}/body${issue.pointer}`, message);
    }
  }
  findings.applies("record.link-indexes", "record.no-ids-in-body");
  for (const { key, value, at } of valuesIn(body, `${pointer}/body`)) {
    if (key === "link" && typeof value === "number" && !(value < links.length)) {
      const message = `There is no link ${value}; the record has ${links.length}.`;
      findings.fail("record.link-indexes", "RMTC_DOCUMENT_INVALID", at, message);
    }
    if (typeof value === "string" && idPattern.test(value)) {
      const message = "A body names a record by the index of a link, not by its id.";
      findings.fail("record.no-ids-in-body", "RMTC_DOCUMENT_INVALID", at, message);
    }
  }
}

/** Walks every value in a body; what is read from a file nests 66 levels at most. */
function* valuesIn(
  container: object,
  pointer: string,
): Generator<{ readonly key: string; readonly value: unknown; readonly at: string }> {
  for (const [key, value] of Object.entries(container)) {
    const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    yield { key, value, at };
    if (typeof value === "object" && value !== null) yield* valuesIn(value, at);
  }
}
