// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { Digest, PartName, RmtcRecord } from "@rmtc/spec";
import type { DisclosedPart } from "./check-record.ts";
import { partHashOfJson, partNames } from "./part-hash.ts";
import { sha256 } from "./sha256.ts";

/** The canonical envelope as {@link checkRecord} wrote it. */
interface StoredEnvelope {
  readonly specVersion: string;
  readonly id: string;
  readonly kind: string;
  readonly createdAt: string;
  readonly links: RmtcRecord["links"];
  readonly parts: Readonly<Partial<Record<PartName, Digest>>>;
}

/**
 * Builds a record from its stored envelope and parts; every part that is not given stands in `redacted`.
 *
 * The envelope and the parts must come from {@link checkRecord}; {@link findStoredDamage} says whether they
 * still do.
 *
 * @throws RMTC_STORE_DAMAGED when one of them is not even JSON any more.
 */
export function restoreRecord(envelope: string, disclosed: Iterable<DisclosedPart>): RmtcRecord {
  const { parts, ...rest } = parseStored(envelope) as StoredEnvelope;
  const record: Record<string, unknown> = rest;
  const redacted: Partial<Record<PartName, Digest>> = { ...parts };
  const salts: Partial<Record<PartName, string>> = {};
  for (const { name, salt, json } of disclosed) {
    record[name] = parseStored(json);
    salts[name] = salt;
    delete redacted[name];
  }
  if (Object.keys(salts).length > 0) record.salts = salts;
  if (Object.keys(redacted).length > 0) record.redacted = redacted;
  return record as unknown as RmtcRecord;
}

function parseStored(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new RmtcError("RMTC_STORE_DAMAGED", "The stored text of a record is not JSON; verify the store.", {
      cause,
    });
  }
}

/**
 * Hashes a stored envelope and parts again and says what no longer gives `digest`, or returns `undefined`
 * when everything does.
 */
export function findStoredDamage(
  digest: Digest,
  envelope: string,
  disclosed: Iterable<DisclosedPart>,
): string | undefined {
  const actual = sha256(envelope);
  if (actual !== digest) return `the envelope has the digest ${actual}`;
  const { parts } = JSON.parse(envelope) as StoredEnvelope;
  for (const { name, salt, json } of disclosed) {
    if (!partNames.includes(name) || parts[name] === undefined)
      return `the part ${name} is not in the envelope`;
    if (partHashOfJson(name, json, salt) !== parts[name]) return `the part ${name} does not have its hash`;
  }
  return undefined;
}
