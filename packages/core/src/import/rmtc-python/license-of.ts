// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type LicenseBody, validateDocument } from "@rmtc/spec";
import { listOf, type PythonEntity, textOf } from "./python-entity.ts";

/**
 * Makes a licence's body of a `License` entity. What narrows the licence and cannot be carried over takes all
 * its grants away, so that an import never permits more than the original did.
 */
export function licenseOf(
  entity: PythonEntity,
  byId: ReadonlyMap<string, PythonEntity>,
): { readonly body: LicenseBody; readonly lost: readonly string[] } {
  const lost: string[] = [];
  const narrowing: string[] = [];
  const names = (field: string): readonly string[] =>
    listOf(entity.fields[field]).map((value) => nameOf(value, byId) ?? "");
  const grants = names("grants").map(actOf);
  const unreadable = grants.filter((act) => act === undefined).length;
  if (unreadable > 0) lost.push(`${unreadable} of its grants are no names of acts`);
  const excludes = names("excludes").map(actOf);
  if (excludes.includes(undefined)) narrowing.push("an exclusion is no name of an act");
  const jurisdictions = names("jurisdictions");
  if (jurisdictions.includes("")) narrowing.push("a jurisdiction has no name here");
  for (const field of ["requires", "parties"]) {
    if (listOf(entity.fields[field]).length > 0) narrowing.push(`"${field}" has another meaning there`);
  }
  const status = textOf(entity, "status");
  if (
    listOf(entity.fields.revoked).some((value) => value !== false) ||
    /revoked|inactive|expired/i.test(status ?? "")
  )
    narrowing.push("it was revoked");
  const times: { start?: string; finish?: string } = {};
  for (const field of ["start", "finish"] as const) {
    if (listOf(entity.fields[field]).length === 0) continue;
    const time = timeOf(entity.fields[field]);
    if (time === undefined) narrowing.push(`"${field}" is no time`);
    else times[field] = time;
  }
  if (entity.fields.explicit !== true)
    lost.push("what it neither grants nor excludes was permitted there, and is not here");
  if (narrowing.length > 0) lost.push(`it grants nothing here, because ${narrowing.join(", ")}`);
  const spdx = textOf(entity, "spdx");
  const uri = textOf(entity, "uri");
  const body: LicenseBody = {
    ...(spdx === undefined ? {} : { spdx }),
    grants: narrowing.length > 0 ? [] : [...new Set(known(grants))],
    ...(excludes.length === 0 ? {} : { excludes: [...new Set(known(excludes))] }),
    explicit: true,
    ...(jurisdictions.length === 0 ? {} : { jurisdictions: jurisdictions.filter((name) => name !== "") }),
    ...times,
    ...(uri === undefined ? {} : { uri }),
  };
  if (validateDocument("license", body) === undefined) return { body, lost };
  return {
    body: { grants: [], explicit: true },
    lost: [...lost, "it grants nothing here, because its fields break the schema"],
  };
}

function known(acts: readonly (string | undefined)[]): string[] {
  return acts.filter((act) => act !== undefined);
}

/** A name given in place, as an entity in place, or by an entity's id. */
export function nameOf(value: unknown, byId: ReadonlyMap<string, PythonEntity>): string | undefined {
  if (typeof value === "string") {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
    return isId || byId.has(value) ? byId.get(value)?.name : value;
  }
  const name = typeof value === "object" && value !== null ? (value as { name?: unknown }).name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** `Face Swap` and `face_swap` are the act `faceSwap`. */
function actOf(name: string): string | undefined {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const act = words
    .map(
      (word, index) =>
        (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join("");
  return /^[a-z][A-Za-z0-9]{0,63}$/.test(act) ? act : undefined;
}

/** A time of any form that JavaScript reads, in the one form of records; a time without a zone is UTC. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/.test(value)) return undefined;
  const iso = value.replace(" ", "T");
  const time = new Date(/T/.test(iso) && !/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
