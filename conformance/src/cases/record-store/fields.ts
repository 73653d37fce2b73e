// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { recordDigest } from "@rmtc/attest";
import type { Filter } from "@rmtc/contract";
import type { RecordStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { findIds } from "./find-records.ts";
import { bare, linkTo, sample } from "./sample-records.ts";

/** Where each field of a query is read, and when it is missing. */
export const fieldsCases: readonly RecordStoreCase[] = [
  {
    id: "record-store.find.envelope-fields",
    level: "must",
    spec: "query.md#rmtc-qry-001",
    title: "finds by id, digest, kind and time",
    async run({ store }) {
      const records = [
        sample({ createdAt: "2026-01-01T00:00:00.000Z" }),
        sample({ kind: "party", createdAt: "2026-01-01T00:00:00.001Z" }),
      ];
      await store.put({ records });
      const [, wanted] = records;
      assert.ok(wanted);
      const filters: readonly Filter[] = [
        { field: "id", op: "eq", value: wanted.id },
        { field: "digest", op: "eq", value: recordDigest(wanted) },
        { field: "kind", op: "eq", value: "party" },
        { field: "created", op: "eq", value: wanted.createdAt },
      ];
      for (const filter of filters) assertSame(await findIds(store, [filter]), [wanted.id], filter.field);
    },
  },
  {
    id: "record-store.find.exists",
    level: "must",
    spec: "query.md#rmtc-qry-015",
    title: "tells records that have a field from those that do not",
    async run({ store }) {
      const target = sample({ version: "1", tags: ["a", "b"], body: { frameNumber: 0, sequenceName: "" } });
      const linked = bare([linkTo(target, "derivedFrom")]);
      await store.put({ records: [target, linked] });
      for (const field of ["name", "version", "tag", "asset.frameNumber", "asset.sequenceName"]) {
        assertSame(await findIds(store, [{ field, op: "exists", value: true }]), [target.id], field);
        assertSame(await findIds(store, [{ field, op: "exists", value: false }]), [linked.id], field);
      }
      const field = "link.derivedFrom";
      assertSame(await findIds(store, [{ field, op: "exists", value: true }]), [linked.id]);
      assertSame(await findIds(store, [{ field, op: "exists", value: false }]), [target.id]);
    },
  },
  {
    id: "record-store.find.missing",
    level: "must",
    spec: "query.md#rmtc-qry-011",
    title: "finds a record without the field by no comparison",
    async run({ store }) {
      await store.put({ records: [bare()] });
      const filters: readonly Filter[] = [
        { field: "asset.frameNumber", op: "lt", value: 2 ** 53 - 1 },
        { field: "asset.frameNumber", op: "gte", value: -(2 ** 53) + 1 },
        { field: "asset.frameNumber", op: "in", value: [0] },
        { field: "asset.frameNumber", op: "eq", value: 0 },
        { field: "name", op: "eq", value: "" },
        { field: "name", op: "eq", value: "null" },
        { field: "version", op: "in", value: ["", "undefined"] },
      ];
      for (const filter of filters) {
        assertSame(await findIds(store, [filter]), [], `${filter.field} ${filter.op}`);
      }
    },
  },
  {
    id: "record-store.find.several-values",
    level: "must",
    spec: "query.md#rmtc-qry-010",
    title: "finds a record with several values by any of them, and once",
    async run({ store }) {
      const digest = recordDigest(bare());
      const record = sample({
        tags: ["roto", "hero", "hero two"],
        files: [
          { path: "a.exr", mediaType: "image/x-exr", sizeBytes: 1, digest },
          { path: "b.exr", mediaType: "image/x-exr", sizeBytes: 1, digest: recordDigest(bare()) },
          { path: "c.png", mediaType: "image/png", sizeBytes: 1, digest: recordDigest(bare()) },
        ],
      });
      await store.put({ records: [record, sample({ tags: ["other"] })] });
      const filters: readonly Filter[] = [
        { field: "tag", op: "eq", value: "roto" },
        { field: "tag", op: "eq", value: "hero two" },
        { field: "tag", op: "prefix", value: "hero" },
        { field: "file.digest", op: "eq", value: digest },
        { field: "file.mediaType", op: "eq", value: "image/png" },
        { field: "file.mediaType", op: "prefix", value: "image/" },
        { field: "file.mediaType", op: "in", value: ["image/png", "image/x-exr"] },
      ];
      for (const filter of filters) {
        assertSame(await findIds(store, [filter]), [record.id], `${filter.field} ${filter.op}`);
        assert.equal((await store.count({ where: [filter] })).count, 1, `${filter.field} ${filter.op}`);
      }
      const both: readonly Filter[] = [
        { field: "tag", op: "eq", value: "roto" },
        { field: "tag", op: "eq", value: "hero" },
      ];
      assertSame(await findIds(store, both), [record.id]);
    },
  },
  {
    id: "record-store.find.kind-fields",
    level: "must",
    spec: "query.md#rmtc-qry-003",
    title: "reads a kind's fields in records of that kind alone",
    async run({ store }) {
      const weights = sample({ kind: "weights", body: { step: 100, format: "safetensors" } });
      const checkpoint = sample({ kind: "checkpoint", body: { step: 100, format: "safetensors" } });
      await store.put({ records: [weights, checkpoint] });
      assertSame(await findIds(store, [{ field: "weights.step", op: "eq", value: 100 }]), [weights.id]);
      assertSame(await findIds(store, [{ field: "checkpoint.step", op: "gte", value: 1 }]), [checkpoint.id]);
      assertSame(await findIds(store, [{ field: "weights.format", op: "exists", value: true }]), [
        weights.id,
      ]);
    },
  },
  {
    id: "record-store.find.nested-field",
    level: "must",
    spec: "query.md#rmtc-qry-002",
    title: "reads a field inside an object of the body",
    async run({ store }) {
      const model = sample({ kind: "model", body: { architecture: { name: "unet-small" } } });
      await store.put({ records: [model, sample({ kind: "model", body: { architecture: "unet-small" } })] });
      const where: Filter[] = [{ field: "model.architecture", op: "prefix", value: "unet" }];
      assertSame(await findIds(store, where), [model.id]);
    },
  },
  {
    id: "record-store.find.wrong-type",
    level: "must",
    spec: "query.md#rmtc-qry-004",
    title: "takes a value of another type than the registry says for a missing one",
    async run({ store }) {
      const odd: readonly unknown[] = ["12", 12.5, true, null, [12], { value: 12 }, 1e300];
      const records = odd.map((value) => sample({ body: { frameNumber: value, sequenceName: value } }));
      const right = sample({ body: { frameNumber: 12, sequenceName: 12 } });
      await store.put({ records: [...records, right] });
      const frame = (op: Filter["op"], value: Filter["value"]): Promise<string[]> =>
        findIds(store, [{ field: "asset.frameNumber", op, value }]);
      assertSame(await frame("eq", 12), [right.id]);
      assertSame(await frame("gte", -(2 ** 53) + 1), [right.id]);
      assertSame(await frame("exists", true), [right.id]);
      const named = await findIds(store, [{ field: "asset.sequenceName", op: "exists", value: true }]);
      assertSame(named, [records[0]?.id]);
    },
  },
  {
    id: "record-store.find.links",
    level: "must",
    spec: "query.md#rmtc-qry-002",
    title: "finds the records that link to another by a relation, whether or not it is held",
    async run({ store }) {
      const [subject, nowhere] = [sample({ kind: "subject" }), sample({ kind: "subject" })];
      const depicts = bare([
        linkTo(subject, "depicts"),
        linkTo(nowhere, "depicts"),
        linkTo(subject, "depicts"),
      ]);
      const derived = bare([linkTo(subject, "derivedFrom")]);
      await store.put({ records: [depicts, derived, subject] });
      const by = (field: string, value: string): Promise<string[]> =>
        findIds(store, [{ field, op: "eq", value }]);
      assertSame(await by("link.depicts", subject.id), [depicts.id]);
      assertSame(await by("link.depicts", nowhere.id), [depicts.id]);
      assertSame(await by("link.derivedFrom", subject.id), [derived.id]);
      assertSame(await by("link.used", subject.id), []);
      const where: Filter[] = [{ field: "link.depicts", op: "in", value: [subject.id, nowhere.id] }];
      assertSame(await findIds(store, where), [depicts.id]);
    },
  },
];
