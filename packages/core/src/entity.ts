// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, recordDigest } from "@rmtc/attest";
import { RmtcError } from "@rmtc/contract";
import type { PartName, RecordId, RmtcRecord } from "@rmtc/spec";
import { getRecord } from "./get-records.ts";
import { putRecords } from "./put-records.ts";
import { linkTo } from "./record-link.ts";
import type { Workspace } from "./workspace.ts";

/** The parts of a record that can be set on an entity. */
export type EntityChanges = { readonly [Name in PartName]?: RmtcRecord[Name] };

/**
 * A record by its id, whose envelope and parts are fetched when they are asked for.
 *
 * Records never change: `set` stages changes, and `push` puts a new record that supersedes this one.
 */
export class Entity {
  readonly id: RecordId;
  readonly #workspace: Workspace;
  readonly #parts = new Map<PartName, Promise<unknown>>();
  #envelope: Promise<RmtcRecord> | undefined;
  #changes: EntityChanges = {};

  constructor(workspace: Workspace, id: RecordId) {
    this.#workspace = workspace;
    this.id = id;
  }

  /** The record's envelope: kind, time and links, without its parts. @throws RMTC_NOT_FOUND when it is not held. */
  async envelope(): Promise<RmtcRecord> {
    this.#envelope ??= this.#workspace.records
      .get({ ids: [this.id], parts: [] })
      .then(({ records: [stored] }) => {
        if (stored) return stored.record;
        throw new RmtcError("RMTC_NOT_FOUND", `No record ${this.id} in this workspace.`, {
          subject: this.id,
        });
      });
    return await this.#envelope;
  }

  /** One part, staged changes included; `undefined` if the record has none or it is withheld. */
  async fetch<Name extends PartName>(part: Name): Promise<RmtcRecord[Name]> {
    if (part in this.#changes) return this.#changes[part] as RmtcRecord[Name];
    let value = this.#parts.get(part);
    if (value === undefined) {
      value = this.#workspace.records
        .get({ ids: [this.id], parts: [part] })
        .then(({ records: [stored] }) => stored?.record[part]);
      this.#parts.set(part, value);
    }
    return (await value) as RmtcRecord[Name];
  }

  /** The entities that the record's links of one relation lead to, in order. */
  async linked(rel: string): Promise<Entity[]> {
    const { links } = await this.envelope();
    return links.filter((link) => link.rel === rel).map((link) => new Entity(this.#workspace, link.to));
  }

  /** Stages changes; nothing is stored before `push`. */
  set(changes: EntityChanges): this {
    this.#changes = { ...this.#changes, ...changes };
    return this;
  }

  /**
   * Puts a new record with the staged changes, which supersedes this one as a revision, and returns it. Without
   * changes it returns this entity.
   *
   * @throws RMTC_STATE_INVALID when a part is withheld, because a copy could not carry it.
   */
  async push(): Promise<Entity> {
    if (Object.keys(this.#changes).length === 0) return this;
    const stored = await getRecord(this.#workspace.records, this.id);
    const { record } = stored;
    const withheld = Object.keys(record.redacted ?? {}).filter((part) => !(part in this.#changes));
    if (withheld.length > 0) {
      throw new RmtcError(
        "RMTC_STATE_INVALID",
        `${record.kind} ${this.id} has withheld parts (${withheld.join(", ")}), which a new version cannot carry. Set them too.`,
        {
          subject: this.id,
        },
      );
    }
    const { name, version, tags, files, annotations, extensions } = record;
    const old = record.links.findIndex((link) => link.rel === "supersedes");
    const link = old === -1 ? record.links.length : old;
    const links = record.links.toSpliced(
      link,
      1,
      linkTo("supersedes", { id: this.id, digest: stored.digest }),
    );
    const parts = { ...record, ...this.#changes };
    const body = { ...parts.body, supersedes: [{ link, as: "revision" }] };
    const next = makeRecord({
      kind: record.kind,
      links,
      name,
      version,
      tags,
      files,
      annotations,
      extensions,
      ...this.#changes,
      body,
    });
    await putRecords(this.#workspace, [next]);
    this.#changes = {};
    return new Entity(this.#workspace, next.id);
  }

  /** The digest of the record as it is stored. */
  async digest(): Promise<string> {
    return recordDigest(await this.envelope());
  }
}
