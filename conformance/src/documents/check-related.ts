// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { canonicalJson, itemsRoot, noticePayloadType, verifyNotice } from "@rmtc/attest";
import {
  type DatasetBody,
  type InferenceBody,
  type NoticeBody,
  type RmtcRecord,
  relationOf,
  validateDocument,
} from "@rmtc/spec";
import type { PlacedRecord } from "./check-one-record.ts";

const maxDatasetLinks = 10_000;

/** Checks what a record says of others: relations, targets that are there, notices, datasets, people. */
export function checkRelated(
  placed: PlacedRecord,
  byId: ReadonlyMap<string, PlacedRecord>,
  publicKeys: readonly string[],
): void {
  checkLinks(placed, byId);
  const { record } = placed;
  if (record.kind === "seal") checkAbout(placed, "seal.about");
  if (record.kind === "consent") checkAbout(placed, "consent.about");
  if (record.kind === "notice" && validateDocument("notice", record.body) === undefined) {
    checkNotice(placed, record.body as unknown as NoticeBody, publicKeys);
  }
  if (record.kind === "inference" && validateDocument("inference", record.body) === undefined) {
    checkPeople(placed, record.body as unknown as InferenceBody);
  }
  if (record.kind === "dataset") checkDataset(placed);
}

function checkLinks(
  { record, findings, pointer }: PlacedRecord,
  byId: ReadonlyMap<string, PlacedRecord>,
): void {
  const counts = new Map<string, number>();
  for (const [index, { rel, to, digest }] of record.links.entries()) {
    const place = `${pointer}/links/${index}`;
    findings.applies("link.relation");
    const target = byId.get(to);
    if (target === undefined) findings.gap(`${place}/to`, `The record ${to} is not there.`);
    else {
      findings.applies("link.digest");
      if (target.digest !== digest) {
        const message = `The record ${to} has the digest ${target.digest}.`;
        findings.fail("link.digest", "RMTC_DIGEST_MISMATCH", `${place}/digest`, message);
      }
    }
    const relation = relationOf(rel);
    if (relation === undefined) {
      findings.gap(`${place}/rel`, `The relation ${rel} is not known.`);
      continue;
    }
    const count = (counts.get(rel) ?? 0) + 1;
    counts.set(rel, count);
    const wrong = (at: string, message: string): void =>
      findings.fail("link.relation", "RMTC_DOCUMENT_INVALID", at, message);
    if (!fits(relation.sources, record.kind))
      wrong(`${place}/rel`, `${rel} does not go out from a ${record.kind}.`);
    if (target !== undefined && !fits(relation.targets, target.record.kind)) {
      wrong(`${place}/to`, `${rel} does not lead to a ${target.record.kind}.`);
    }
    if (count > (relation.max ?? Number.POSITIVE_INFINITY)) {
      wrong(place, `It is one ${rel} link too many; ${relation.max} is the most.`);
    }
    if (rel === "supersedes" && !("body" in (record.redacted ?? {}))) {
      findings.applies("link.supersedes");
      if (!isMarked(record, index)) {
        const message = "The body does not say if this is a revision or a correction.";
        findings.fail("link.supersedes", "RMTC_DOCUMENT_INVALID", place, message);
      }
    }
  }
}

function fits(kinds: readonly string[], kind: string): boolean {
  return kinds.includes("*") || kinds.includes(kind);
}

function isMarked({ body }: RmtcRecord, link: number): boolean {
  const marks: unknown = body?.supersedes;
  return (
    Array.isArray(marks) && marks.some((mark: { readonly link?: unknown } | null) => mark?.link === link)
  );
}

function checkAbout(
  { record, findings, pointer }: PlacedRecord,
  check: "seal.about" | "consent.about",
): void {
  findings.applies(check);
  if (record.links.some(({ rel }) => rel === "about")) return;
  findings.fail(
    check,
    "RMTC_DOCUMENT_INVALID",
    `${pointer}/links`,
    `The ${record.kind} has no link "about".`,
  );
}

function checkNotice(
  { record, findings, pointer }: PlacedRecord,
  { facts, signature }: NoticeBody,
  publicKeys: readonly string[],
): void {
  const { id, createdAt, links } = record;
  findings.applies("notice.about");
  for (const [index, { about }] of facts.entries()) {
    for (const [place, link] of about.entries()) {
      if (links[link]?.rel === "about") continue;
      const at = `${pointer}/body/facts/${index}/about/${place}`;
      findings.fail("notice.about", "RMTC_DOCUMENT_INVALID", at, `The link ${link} is not "about".`);
    }
  }
  if (signature === undefined) return;
  findings.applies("notice.envelope");
  const payload = Buffer.from(canonicalJson({ id, createdAt, links, facts })).toString("base64");
  if (signature.payloadType !== noticePayloadType || signature.payload !== payload) {
    const message = "The signature is over other content than the notice's own.";
    findings.fail("notice.envelope", "RMTC_SIGNATURE_INVALID", `${pointer}/body/signature`, message);
  } else if (publicKeys.length > 0) {
    findings.applies("notice.signature");
    const { trusted, reason = "" } = verifyNotice(record, publicKeys);
    if (!trusted) {
      findings.fail("notice.signature", "RMTC_SIGNATURE_INVALID", `${pointer}/body/signature`, reason);
    }
  } else findings.gap(`${pointer}/body/signature`, "No public key was given to check the signature with.");
}

function checkPeople({ record, findings, pointer }: PlacedRecord, body: InferenceBody): void {
  findings.applies("inference.people");
  const named = [
    ...(body.prompts ?? []).map(({ writer }, index) => ({ link: writer, at: `prompts/${index}/writer` })),
    ...(body.humanInput ?? []).map(({ actor }, index) => ({ link: actor, at: `humanInput/${index}/actor` })),
  ];
  for (const { link, at } of named) {
    if (link === undefined || record.links[link]?.rel === "attributedTo") continue;
    const message = `The link ${link} is not "attributedTo".`;
    findings.fail("inference.people", "RMTC_DOCUMENT_INVALID", `${pointer}/body/${at}`, message);
  }
}

function checkDataset({ record, findings, pointer }: PlacedRecord): void {
  findings.applies("dataset.links");
  if (record.links.length > maxDatasetLinks) {
    const message = `It has ${record.links.length} links; beyond ${maxDatasetLinks} a dataset is made of parts.`;
    findings.fail("dataset.links", "RMTC_DOCUMENT_INVALID", `${pointer}/links`, message);
  }
  if (validateDocument("dataset", record.body) !== undefined) return;
  const body = record.body as unknown as DatasetBody;
  findings.applies("dataset.root");
  const root = itemsRoot(body.segments.map((segment) => segment.root));
  if (root !== body.itemsRoot) {
    const message = `The roots of the segments lead to ${root}.`;
    findings.fail("dataset.root", "RMTC_DIGEST_MISMATCH", `${pointer}/body/itemsRoot`, message);
  }
}
