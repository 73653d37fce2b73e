// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type RecordStore, RmtcError } from "@rmtc/contract";
import type { PartName } from "@rmtc/spec";
import type { Double } from "../double.ts";
import { changeGot } from "./change-stored.ts";

const withoutAnnotations: readonly PartName[] = ["name", "version", "tags", "files", "body", "extensions"];

/** Doubles that are wrong in how they give records out by id. */
export const getDoubles: readonly Double<RecordStore>[] = [
  {
    id: "keeps-annotations-to-itself",
    breaks: "record-store.get.whole",
    alsoCaughtBy: ["record-store.put.verbatim"],
    alter: (good) => ({
      get: (request, options) =>
        good.get({ ...request, parts: request.parts ?? withoutAnnotations }, options),
    }),
  },
  {
    id: "leaves-out-what-is-not-held",
    breaks: "record-store.get.order",
    alsoCaughtBy: [
      "record-store.put.atomic",
      "record-store.put.conflict-in-one",
      "record-store.put.forged-part-hash",
      "record-store.put.missing-salt",
      "record-store.get.many",
      "record-store.get.foreign-id",
    ],
    alter: (good) => ({
      async get(request, options) {
        const { records } = await good.get(request, options);
        return { records: records.filter((one) => one !== null) };
      },
    }),
  },
  {
    id: "answers-each-id-once",
    breaks: "record-store.get.order",
    alsoCaughtBy: [],
    alter: (good) => ({
      get: (request, options) => good.get({ ...request, ids: [...new Set(request.ids)] }, options),
    }),
  },
  {
    id: "answers-for-32-ids",
    breaks: "record-store.get.many",
    alsoCaughtBy: ["record-store.put.parallel-different", "record-store.aborted.put-midway"],
    alter: (good) => ({
      async get(request, options) {
        const { records } = await good.get(request, options);
        return { records: records.map((one, index) => (index < 32 ? one : null)) };
      },
    }),
  },
  {
    id: "names-no-omitted-part",
    breaks: "record-store.get.parts",
    alsoCaughtBy: ["record-store.get.envelope", "record-store.get.withheld", "record-store.find.parts"],
    alter: (good) => changeGot(good, (stored) => ({ ...stored, omitted: [] })),
  },
  {
    id: "takes-no-parts-for-all-parts",
    breaks: "record-store.get.envelope",
    alsoCaughtBy: ["record-store.find.parts"],
    alter: (good) => ({
      get: (request, options) =>
        good.get({ ...request, parts: request.parts?.length === 0 ? undefined : request.parts }, options),
    }),
  },
  {
    id: "omits-what-is-not-there",
    breaks: "record-store.get.absent-part",
    alsoCaughtBy: [],
    alter: (good) =>
      changeGot(good, (stored, { parts = [] }) => {
        const { record } = stored;
        const absent = parts.filter(
          (name) => record[name] === undefined && record.redacted?.[name] === undefined,
        );
        return { ...stored, omitted: [...stored.omitted, ...absent] };
      }),
  },
  {
    id: "omits-what-is-withheld",
    breaks: "record-store.get.withheld",
    alsoCaughtBy: [],
    alter: (good) =>
      changeGot(good, (stored, { parts }) => {
        if (parts === undefined) return stored;
        const hidden = Object.keys(stored.record.redacted ?? {}) as PartName[];
        return { ...stored, omitted: hidden.filter((name) => !stored.erased.includes(name)) };
      }),
  },
  {
    id: "drops-hashes-of-omitted-parts",
    breaks: "record-store.get.verifies",
    alsoCaughtBy: [
      "record-store.get.parts",
      "record-store.get.envelope",
      "record-store.get.withheld",
      "record-store.find.parts",
    ],
    alter: (good) =>
      changeGot(good, (stored, { parts }) => {
        if (parts === undefined) return stored;
        const { redacted: _, ...record } = stored.record;
        return { ...stored, record };
      }),
  },
  {
    id: "refuses-foreign-ids",
    breaks: "record-store.get.foreign-id",
    alsoCaughtBy: [],
    alter: (good) => ({
      async get(request, options) {
        const foreign = request.ids.find((id) => !id.startsWith("urn:uuid:") || id.includes("%"));
        if (foreign !== undefined) throw new RmtcError("RMTC_DOCUMENT_INVALID", `${foreign} is no id.`);
        return await good.get(request, options);
      },
    }),
  },
];
