// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord } from "../src/index.ts";
import { jsonFiles, readJson } from "./read-json.ts";

/** One claim of a mapping, and where both forms of the example show it. */
export interface MappingProof {
  /** The row that it shows, such as `relations.trainedOn`. */
  readonly row: string;
  /** A path into the records: handle, then fields and indexes. */
  readonly ours: string;
  /** A path into the example; a step `[key=value]` picks an element of an array. */
  readonly theirs: string;
  /** How the value is written there; the same way where missing. */
  readonly as?: string;
  /** What the example says, where the standard has a word of its own for the value. */
  readonly is?: string;
}

/** A mapping to another standard. A cell that starts with `none` has no counterpart. */
export interface Mapping {
  readonly standard: string;
  readonly version: string;
  readonly address: string;
  /** What read the example; `null` where nothing official can. */
  readonly validator: string | null;
  readonly example: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly relations: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** What the other standard has, and what it is here. */
  readonly theirs: Readonly<Record<string, string>>;
  readonly proofs: readonly MappingProof[];
}

/** The production that all examples show, by handle. */
export type ExampleRecords = Readonly<Record<string, RmtcRecord>>;

/** Reads every mapping, by the name of its file. */
export async function readMappings(): Promise<Map<string, Mapping>> {
  const names = (await jsonFiles("mappings/")).filter((name) => name !== "records.json");
  return new Map(
    await Promise.all(
      names.map(async (name) => [name.slice(0, -5), await readJson<Mapping>(`mappings/${name}`)] as const),
    ),
  );
}

/** Reads the production that all examples show. */
export async function readExampleRecords(): Promise<ExampleRecords> {
  return (await readJson<{ records: ExampleRecords }>("mappings/records.json")).records;
}

/** The value at a path; `undefined` where a step leads nowhere. */
export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const step of path.split("/").filter((part) => part !== "")) {
    const selector = /^\[([^=]+)=(.*)\]$/.exec(step);
    if (selector !== null && Array.isArray(value)) {
      value = value.find((element: Record<string, unknown>) => element[selector[1] ?? ""] === selector[2]);
    } else if (typeof value === "object" && value !== null) {
      value = (value as Record<string, unknown>)[step];
    } else return undefined;
  }
  return value;
}

/** What the example must say, for one proof. A link stands for its target's id unless `as` says otherwise. */
export function expectedOf(records: ExampleRecords, proof: MappingProof): unknown {
  if (proof.is !== undefined) return proof.is;
  const value = valueAt(records, proof.ours);
  if (typeof value !== "object" || value === null || !("rel" in value)) return written(value, proof.as);
  const { to, digest } = value as unknown as RmtcRecord["links"][number];
  const target = Object.values(records).find((record) => record.id === to);
  if (proof.as === "name") return target?.name;
  if (proof.as === "digest") return written(digest, "hex");
  if (proof.as === "file") return written(target?.files?.[0]?.digest, "hex");
  return written(to, proof.as);
}

function written(value: unknown, as: string | undefined): unknown {
  const text = String(value);
  switch (as) {
    case undefined:
      return value;
    case "hex":
      return text.slice("sha256:".length);
    case "hex36":
      return text.slice("sha256:".length, "sha256:".length + 36);
    case "uuid":
      return text.slice("urn:uuid:".length);
    case "bareUuid":
      return text.slice("urn:uuid:".length).replaceAll("-", "");
    case "epochMs":
      return Date.parse(text);
    case "text":
      return text;
    case "bytes":
      return `${text} B`;
    case "lastStep":
      return text;
    default:
      throw new Error(`Nobody knows how to write a value as ${as}.`);
  }
}
