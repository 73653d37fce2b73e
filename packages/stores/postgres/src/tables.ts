// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { partNames } from "@rmtc/attest";
import { type QueryField, queryFields } from "@rmtc/spec";
import { headLength } from "./encode-text.ts";

/** The registered fields that have a column of `record` of their own, beside those of the envelope. */
export const columnFields: readonly QueryField[] = queryFields.filter(
  ({ field, path }) => field === "name" || field === "version" || path.startsWith("/body/"),
);
/** The registered relations: a column of `record` says whether it has such a link. */
export const linkFields: readonly QueryField[] = queryFields.filter(({ path }) => path.startsWith("/links/"));

/** Fields with several values, and the number by which `term` knows them; of words only the long ones. Numbers never change. */
export const termFields = { word: 1, tag: 2, "file.mediaType": 3, "file.digest": 4 } as const;

/** Quotes a column's name: those of registered fields have a dot. */
export function column(field: string): string {
  return `"${field}"`;
}

/** What an index keeps of a field's column. */
export function indexed({ field, type }: QueryField): string {
  return type === "integer" ? `r.${column(field)}` : `left(r.${column(field)}, ${headLength})`;
}

const columns = columnFields.map(
  ({ field, type }) => `${column(field)} ${type === "integer" ? "bigint" : 'text COLLATE "C"'},`,
);
const flags = ["tag", ...linkFields.map(({ field }) => field)];
const columnIndexes = columnFields.map(
  (field) =>
    `CREATE INDEX ON record (${indexed(field).replaceAll("r.", "")}, id) WHERE ${column(field.field)} IS NOT NULL;`,
);
/** The types of columns that are no text. */
const columnTypes: ReadonlyMap<string, string> = new Map([
  ...["position", "received"].map((name) => [name, "bigint"] as const),
  ...["held", "erased"].map((name) => [name, "integer"] as const),
  ...columnFields.filter(({ type }) => type === "integer").map(({ field }) => [field, "bigint"] as const),
  ...flags.map((name) => [name, "boolean"] as const),
  ["id", "uuid"],
  ["digest", "bytea"],
  ["words", "tsvector"],
]);

/** Returns the type of a column of `record` or `content`. */
export function columnType(name: string): string {
  return columnTypes.get(name) ?? "text";
}

const flagIndexes = flags.map((field) => `CREATE INDEX ON record (id) WHERE ${column(field)};`);

/**
 * The tables of both roles.
 *
 * `record.position` is the record's place in the change feed; whoever writes holds the one row of `head`, so that
 * positions rise in the order of commits. A link's target that is not held has a negative key in `absent` until it
 * arrives, and `edge.digest` is what the link names where its target does not have it. `content` keeps the
 * canonical bytes: the envelope, and each disclosed part as its salt (22 characters) followed by its JSON.
 * `term.value` is null where `head` is the whole value. `record.words` has the heads of the name's words.
 */
export const tables: string = `
CREATE TABLE head (
  one integer PRIMARY KEY CHECK (one = 1), store text NOT NULL, version integer NOT NULL, position bigint NOT NULL
);
INSERT INTO head VALUES (1, substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), 1, 0);
CREATE TABLE relation (
  code integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE record (
  position bigint PRIMARY KEY, id uuid NOT NULL UNIQUE, digest bytea NOT NULL, kind text COLLATE "C" NOT NULL,
  partition text NOT NULL, received bigint NOT NULL, held integer NOT NULL, erased integer NOT NULL,
  created text COLLATE "C" NOT NULL, words tsvector, ${columns.join(" ")} ${flags.map((field) => `${column(field)} boolean`).join(", ")}
);
CREATE INDEX ON record (digest);
CREATE INDEX ON record (kind, id);
CREATE INDEX ON record (created, id);
CREATE INDEX ON record (kind, created, id);
CREATE INDEX ON record USING gin (words);
${columnIndexes.join("\n")}
${flagIndexes.join("\n")}
CREATE TABLE content (
  position bigint PRIMARY KEY, envelope text NOT NULL, ${partNames.map((name) => `${name} text`).join(", ")}
);
CREATE TABLE event (
  position bigint PRIMARY KEY, record bigint NOT NULL, type text NOT NULL, received bigint NOT NULL
);
CREATE TABLE absent (
  key bigint GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1 START WITH -1) PRIMARY KEY, id uuid NOT NULL UNIQUE
);
CREATE TABLE edge (
  from_key bigint, place integer, relation integer NOT NULL, to_key bigint NOT NULL, digest bytea,
  PRIMARY KEY (from_key, place)
);
CREATE INDEX edge_back ON edge (to_key, from_key, place);
CREATE TABLE term (
  field integer NOT NULL, head text COLLATE "C" NOT NULL, value text COLLATE "C", position bigint NOT NULL
);
CREATE INDEX ON term (field, head, position);

CREATE TABLE run (
  key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, state text NOT NULL,
  attempt bigint NOT NULL, batch bigint NOT NULL, arrival bigint NOT NULL, message text,
  opened bigint NOT NULL, updated bigint NOT NULL, seal text
);
CREATE INDEX ON run (state, key);
CREATE TABLE series (
  code bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL, name text COLLATE "C" NOT NULL,
  UNIQUE (run, name)
);
CREATE TABLE metric (
  series bigint, step bigint, arrival bigint, value double precision NOT NULL, at text NOT NULL,
  PRIMARY KEY (series, step, arrival)
);
CREATE TABLE alias_move (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, alias text COLLATE "C" NOT NULL, target text NOT NULL,
  digest text NOT NULL, moved bigint NOT NULL, by text
);
CREATE INDEX ON alias_move (alias, sequence);
`;
