// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type PartName, type RmtcRecord, specVersion } from "@rmtc/spec";
import { v7 } from "uuid";
import { partNames } from "./part-hash.ts";
import { newSalt } from "./salt.ts";

/** The parts of a record, each of them optional. */
export type RecordParts = { readonly [Name in PartName]?: RmtcRecord[Name] | undefined };

/** What the maker of a record says; {@link makeRecord} adds version, time and salts. */
export interface RecordContent extends RecordParts {
  /** Minted unless given. */
  readonly id?: string | undefined;
  readonly kind: string;
  /** Now unless given. */
  readonly createdAt?: string | undefined;
  /** None unless given. */
  readonly links?: RmtcRecord["links"] | undefined;
}

/** Mints a record id: a UUID version 7 (RFC 9562) as a URN, rising within one process. */
export function newRecordId(): string {
  return `urn:uuid:${v7()}`;
}

/**
 * Makes a record of this version with a fresh salt for every part.
 *
 * The same content makes another digest every time, because the salts differ; keep the record, not the content.
 */
export function makeRecord(content: RecordContent): RmtcRecord {
  const record: RmtcRecord = {
    specVersion,
    id: content.id ?? newRecordId(),
    kind: content.kind,
    createdAt: content.createdAt ?? new Date().toISOString(),
    links: content.links ?? [],
  };
  const salts: Partial<Record<PartName, string>> = {};
  for (const name of partNames) {
    if (content[name] === undefined) continue;
    Object.assign(record, { [name]: content[name] });
    salts[name] = newSalt();
  }
  return Object.keys(salts).length === 0 ? record : { ...record, salts };
}
