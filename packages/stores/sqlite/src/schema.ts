// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { RmtcError } from "@rmtc/contract";
import { queryFields } from "@rmtc/spec";
import { Database, type DatabaseOptions } from "./database.ts";

/** "RMTC" in ASCII, in the file's header at byte 68. */
const applicationId = 0x524d5443;

/** The version of the tables that this code writes, in the file's header at byte 60. */
export const schemaVersion = 1;

/** A field of the registry that lies in the body of records of one kind. */
export interface BodyField {
  readonly field: string;
  readonly kind: string;
  /** The kind's code, which every file gives it, so that an index can name it. */
  readonly kindCode: number;
  /** The index of the kind's records by this field, then by id; those without the field come first. */
  readonly index: string;
}

const registered = queryFields.filter((field) => field.path.startsWith("/body/"));
const bodyKinds = [...new Set(registered.flatMap(({ kinds = [] }) => kinds))];

/** Body fields of the registry: each has a column of its own, which is `NULL` for every other kind. */
export const bodyFields: ReadonlyMap<string, BodyField> = new Map(
  registered.flatMap(({ field, kinds = [] }, place) =>
    kinds.map((kind) => [
      field,
      { field, kind, kindCode: bodyKinds.indexOf(kind) + 1, index: `record_body_${place}` },
    ]),
  ),
);

const bodyColumnTypes = registered.map(
  ({ field, type }) => `"${field}" ${type === "integer" ? "INTEGER" : "TEXT"}`,
);
const bodyIndexes = [...bodyFields.values()].map(
  ({ field, index, kindCode }) =>
    `CREATE INDEX ${index} ON record ("${field}", id) WHERE kind = ${kindCode};`,
);

/**
 * The tables of both roles.
 *
 * `record.key` is the record's position in the change feed, so that keys rise in the order of arrival; a link's
 * target that is not held has a negative key in `absent` until it arrives. `content` keeps the canonical bytes:
 * the envelope, and each disclosed part as its salt (22 characters) followed by its JSON. `records` counts those of
 * a kind, and those of a kind that have a field, for terms without value alone. A row of `metric` is one
 * batch's points of one key, in order of step; `attempt.last_step` is the last step of an older attempt that counts.
 */
const tables = `
CREATE TABLE sequence (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  store TEXT NOT NULL, position INTEGER NOT NULL, absent INTEGER NOT NULL, epoch INTEGER NOT NULL,
  unscrubbed INTEGER NOT NULL
);
CREATE TABLE kind (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, records INTEGER NOT NULL DEFAULT 0);
${bodyKinds.map((kind, place) => `INSERT INTO kind (code, name) VALUES (${place + 1}, '${kind}');`).join("\n")}
CREATE TABLE relation (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE partition (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE record (
  key INTEGER PRIMARY KEY, id BLOB NOT NULL, digest BLOB NOT NULL, kind INTEGER NOT NULL,
  partition INTEGER NOT NULL, received INTEGER NOT NULL, held INTEGER NOT NULL, erased INTEGER NOT NULL,
  created TEXT NOT NULL, name TEXT, version TEXT, ${bodyColumnTypes.join(", ")}
);
CREATE UNIQUE INDEX record_id ON record (id);
CREATE INDEX record_kind ON record (kind, id);
CREATE INDEX record_created ON record (kind, created, id);
CREATE INDEX record_name ON record (kind, name, id);
CREATE INDEX record_version ON record (kind, version, id);
${bodyIndexes.join("\n")}
CREATE TABLE content (
  key INTEGER PRIMARY KEY, envelope TEXT NOT NULL,
  annotations TEXT, body TEXT, extensions TEXT, files TEXT, name TEXT, tags TEXT, version TEXT
);
CREATE TABLE key_block (
  key INTEGER PRIMARY KEY, earliest TEXT, latest TEXT, lowest_id TEXT, highest_id TEXT
);
CREATE TABLE event (position INTEGER PRIMARY KEY, key INTEGER NOT NULL, type TEXT NOT NULL, received INTEGER NOT NULL);

CREATE TABLE absent (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
CREATE TABLE edge (
  from_key INTEGER, place INTEGER, relation INTEGER, to_key INTEGER, matched INTEGER,
  PRIMARY KEY (from_key, place)
) WITHOUT ROWID;
CREATE TABLE edge_back (
  to_key INTEGER, from_key INTEGER, place INTEGER, relation INTEGER, matched INTEGER,
  PRIMARY KEY (to_key, from_key, place)
) WITHOUT ROWID;
CREATE TABLE unmatched (
  from_key INTEGER, place INTEGER, digest BLOB NOT NULL, PRIMARY KEY (from_key, place)
) WITHOUT ROWID;

CREATE TABLE term (
  code INTEGER PRIMARY KEY AUTOINCREMENT, field TEXT NOT NULL, value TEXT NOT NULL, kind INTEGER NOT NULL,
  records INTEGER NOT NULL DEFAULT 0, UNIQUE (field, value, kind)
);
CREATE TABLE posting (term INTEGER, key INTEGER, PRIMARY KEY (term, key)) WITHOUT ROWID;
CREATE TABLE digest_head (head INTEGER, key INTEGER, PRIMARY KEY (head, key)) WITHOUT ROWID;
CREATE TABLE digest_tail (key INTEGER, head INTEGER);

CREATE TABLE run (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, attempt INTEGER NOT NULL,
  batch INTEGER NOT NULL, arrival INTEGER NOT NULL, message TEXT, opened INTEGER NOT NULL, updated INTEGER NOT NULL,
  seal TEXT
);
CREATE INDEX run_state ON run (state, key);
CREATE TABLE attempt (
  run INTEGER, attempt INTEGER, last_step INTEGER, PRIMARY KEY (run, attempt)
) WITHOUT ROWID;
CREATE TABLE series (
  code INTEGER PRIMARY KEY, run INTEGER NOT NULL, name TEXT NOT NULL, span INTEGER NOT NULL, UNIQUE (run, name)
);
CREATE TABLE metric (
  series INTEGER, low_step INTEGER, arrival INTEGER, attempt INTEGER, high_step INTEGER, count INTEGER, points BLOB,
  PRIMARY KEY (series, low_step, arrival)
) WITHOUT ROWID;
CREATE TABLE alias_move (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL, target TEXT NOT NULL, digest TEXT NOT NULL,
  moved INTEGER NOT NULL, by TEXT
);
CREATE INDEX alias_move_alias ON alias_move (alias, sequence);
`;

/**
 * Opens a catalog file, creating it with its tables when it is new.
 *
 * @throws RMTC_STORE_VERSION_UNKNOWN when a newer version wrote it.
 * @throws RMTC_FORMAT_INVALID when the file is a database of something else.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const database = new Database(options);
  try {
    checkHeader(database);
    database.execute(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -131072;
      PRAGMA wal_autocheckpoint = 8000;
    `);
    if (readPragma(database, "user_version") !== schemaVersion) createTables(database);
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

/** Only an empty file may be made ours: its header still has neither an application nor a version. */
function checkHeader(database: Database): void {
  const application = readPragma(database, "application_id");
  const version = readPragma(database, "user_version");
  if (application === 0 && version === 0 && readPragma(database, "schema_version") === 0) {
    // Has an effect on a new file only: larger pages mean fewer of them to log and to sync.
    database.execute("PRAGMA page_size = 8192");
    return;
  }
  if (application !== applicationId) {
    throw new RmtcError(
      "RMTC_FORMAT_INVALID",
      `${database.path} is an SQLite database of another application; choose another path.`,
      { subject: database.path },
    );
  }
  if (version > schemaVersion) {
    throw new RmtcError(
      "RMTC_STORE_VERSION_UNKNOWN",
      `${database.path} has version ${version} of the tables, and this program knows up to ${schemaVersion}; update RMTC.`,
      { subject: database.path },
    );
  }
}

function createTables(database: Database): void {
  database.write(() => {
    // Another process may have been first between our look at the header and our lock.
    if (readPragma(database, "user_version") === schemaVersion) return;
    database.execute(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion};`);
    database.execute(tables);
    database.run("INSERT INTO sequence VALUES (1, ?, 0, 0, 0, 0)", randomBytes(6).toString("hex"));
  });
}

function readPragma(database: Database, name: string): number {
  return Number(database.get(`PRAGMA ${name}`)?.[0]);
}
