// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import { type Digest, type PartName, type RmtcRecord, type Salt, validateDocument } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { partHashOfJson, partNames } from "./part-hash.ts";
import { sha256 } from "./sha256.ts";

/** A disclosed part as stores keep it. */
export interface DisclosedPart {
  readonly name: PartName;
  readonly salt: Salt;
  /** The canonical JSON of the part's value. */
  readonly json: string;
}

/** What {@link checkRecord} finds: everything a store writes, ready to be kept verbatim. */
export interface CheckedRecord {
  readonly digest: Digest;
  /** The canonical JSON of `{createdAt, id, kind, links, parts, specVersion}`, whose SHA-256 is the digest. */
  readonly envelope: string;
  /** The hash of every part, disclosed or not, by name. */
  readonly hashes: Readonly<Partial<Record<PartName, Digest>>>;
  /** The disclosed parts, in the order of {@link partNames}. */
  readonly disclosed: readonly DisclosedPart[];
  /** The names of the parts that are withheld or erased. */
  readonly redacted: readonly PartName[];
}

/**
 * Checks a record's envelope and parts, and computes its digest.
 *
 * Kinds, versions and relations that nobody knows pass, and bodies are not looked into: a store keeps what
 * later versions write. Every disclosed part has its salt and every salt its part; no part is both disclosed
 * and redacted; nothing else stands at the top level.
 *
 * @throws RMTC_DOCUMENT_INVALID when the envelope is not well formed.
 * @throws RMTC_JSON_INVALID when a part is not I-JSON.
 * @see spec/draft/record.md#envelope
 */
export function checkRecord(record: RmtcRecord): CheckedRecord {
  const issue = validateDocument("record", record);
  if (issue !== undefined) throw invalid(record, issue.pointer, issue.message);
  const { salts = {}, redacted: redactedHashes = {} } = record;
  const hashes: Partial<Record<PartName, Digest>> = {};
  const disclosed: DisclosedPart[] = [];
  const redacted: PartName[] = [];
  let parts = "";
  for (const name of partNames) {
    const value = record[name];
    const salt = salts[name];
    let hash = redactedHashes[name];
    if (value === undefined) {
      if (salt !== undefined)
        throw invalid(record, `/salts/${name}`, "is the salt of a part that is not there");
      if (hash === undefined) continue;
      redacted.push(name);
    } else {
      if (salt === undefined) throw invalid(record, `/${name}`, `has no salt at "/salts/${name}"`);
      if (hash !== undefined) throw invalid(record, `/redacted/${name}`, "names a part that is disclosed");
      const json = canonicalJson(value, `/${name}`);
      hash = partHashOfJson(name, json, salt);
      disclosed.push({ name, salt, json });
    }
    hashes[name] = hash;
    parts += `${parts === "" ? "" : ","}"${name}":"${hash}"`;
  }
  const envelope = envelopeJson(record, parts);
  return { digest: sha256(envelope), envelope, hashes, disclosed, redacted };
}

/**
 * Computes a record's digest: SHA-256(JCS({specVersion, id, kind, createdAt, links, parts})).
 *
 * @throws RMTC_DOCUMENT_INVALID when the envelope is not well formed.
 * @throws RMTC_JSON_INVALID when a part is not I-JSON.
 */
export function recordDigest(record: RmtcRecord): Digest {
  return checkRecord(record).digest;
}

/**
 * Checks a record as {@link checkRecord} does, and that it has the digest by which it is known.
 *
 * @throws RMTC_DIGEST_MISMATCH when the record, disclosed or redacted, does not have the digest.
 */
export function verifyRecord(record: RmtcRecord, expected: Digest): CheckedRecord {
  const checked = checkRecord(record);
  if (checked.digest !== expected) {
    throw new RmtcError(
      "RMTC_DIGEST_MISMATCH",
      `Record ${record.id} has the digest ${checked.digest}, not ${expected}: a part, a salt, a redacted hash or a link was changed.`,
      { subject: record.id },
    );
  }
  return checked;
}

/** The schema leaves only plain ASCII in every text of the envelope, so that nothing needs escaping. */
function envelopeJson(record: RmtcRecord, parts: string): string {
  let links = "";
  for (const { digest, rel, to } of record.links) {
    links += `${links === "" ? "" : ","}{"digest":"${digest}","rel":"${rel}","to":"${to}"}`;
  }
  const { createdAt, id, kind, specVersion } = record;
  return `{"createdAt":"${createdAt}","id":"${id}","kind":"${kind}","links":[${links}],"parts":{${parts}},"specVersion":"${specVersion}"}`;
}

function invalid(record: RmtcRecord, pointer: string, message: string): RmtcError {
  const id: unknown = record?.id;
  const name = typeof id === "string" ? `Record ${id.slice(0, 64)}` : "A record";
  return new RmtcError("RMTC_DOCUMENT_INVALID", `${name}: "${pointer}" ${message}.`, {
    pointer,
    subject: typeof id === "string" ? id.slice(0, 64) : undefined,
  });
}
