// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** One entity of the Python RMTC, as its JSON serializer writes it. Nothing in it is trusted. */
export interface PythonEntity {
  readonly id: string;
  /** The last part of its type's name without the version: `Weights` of `core.track.Weights-1.0.0`. */
  readonly className: string;
  readonly typeName: string;
  readonly name: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How an entity is called in a report. */
export function sourceOf(entity: PythonEntity): string {
  return `${entity.className} ${entity.name ?? entity.id}`;
}

/** Reads a text property; anything but a text that is not empty is missing. */
export function textOf(entity: PythonEntity, field: string): string | undefined {
  const value = entity.fields[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a property that names entities: an id, a list of ids, or entities written in place. */
export function idsOf(entity: PythonEntity, field: string): readonly string[] {
  return listOf(entity.fields[field]).flatMap((value) => {
    const id = isObject(value) ? value._id : value;
    return typeof id === "string" && id !== "" ? [id] : [];
  });
}

/** Reads a property that may be one value or a list, as a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * Reads the entities of a document: one, or a list. That project's serializer writes a list of JSON texts,
 * which `parse` reads; what is no entity is counted in `refused`.
 */
export function entitiesOf(
  document: unknown,
  parse: (text: string) => unknown,
): { readonly entities: readonly PythonEntity[]; readonly refused: number } {
  const entities: PythonEntity[] = [];
  let refused = 0;
  for (const given of listOf(document)) {
    const value = typeof given === "string" ? parsedOrNothing(given, parse) : given;
    const { _id: id, _type_name: typeName, ...fields } = isObject(value) ? value : {};
    const className =
      typeof typeName === "string" ? /([A-Za-z0-9_]+)(-[\d.]+)?$/.exec(typeName)?.[1] : undefined;
    if (typeof id !== "string" || id === "" || className === undefined) {
      refused += 1;
      continue;
    }
    const name = typeof fields.name === "string" && fields.name !== "" ? fields.name : undefined;
    entities.push({ id, className, typeName: String(typeName), name, fields });
  }
  return { entities, refused };
}

/** Tells whether a document looks like entities at all, and not like data of a dataset. */
export function holdsEntities(document: unknown): boolean {
  return listOf(document).some(
    (value) =>
      (isObject(value) && "_type_name" in value) ||
      (typeof value === "string" && value.includes('"_type_name"')),
  );
}

function parsedOrNothing(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
