// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Filter, type FindResult, isRmtcError, type RecordStore } from "@rmtc/contract";
import { fieldValues, matches, queryFieldOf } from "@rmtc/query";
import type { Double } from "../double.ts";
import { type ScanningFind, scanningFind } from "./scanning-find.ts";

type Passes = NonNullable<ScanningFind["passes"]>;

/** Doubles that mean something else by a filter. */
export const findDoubles: readonly Double<RecordStore>[] = [
  {
    id: "finds-nothing-without-a-filter",
    breaks: "record-store.find.all",
    alsoCaughtBy: [
      "record-store.put.copies",
      "record-store.order.id",
      "record-store.pages.complete",
      "record-store.pages.limit",
      "record-store.count.exact",
    ],
    alter: (good) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        if (request.where.length > 0 || request.order !== undefined || request.limit === 1_000) return result;
        return { records: [], asOf: result.asOf };
      },
    }),
  },
  {
    id: "looks-at-the-first-filter",
    breaks: "record-store.find.and",
    alsoCaughtBy: ["record-store.count.exact"],
    alter: (good) => ({
      find: (request, options) => good.find({ ...request, where: request.where.slice(0, 1) }, options),
    }),
  },
  {
    id: "leaves-out-a-fourth-filter",
    breaks: "record-store.find.random",
    alsoCaughtBy: [],
    alter: (good) => ({
      find: (request, options) => good.find({ ...request, where: request.where.slice(0, 3) }, options),
    }),
  },
  {
    id: "folds-case",
    breaks: "record-store.find.eq",
    alsoCaughtBy: [],
    alter: passing((stored, { field, op, value }) =>
      field === "name" && op === "eq"
        ? stored.record.name?.toLowerCase() === String(value).toLowerCase()
        : undefined,
    ),
  },
  {
    id: "folds-composition",
    breaks: "record-store.find.eq",
    alsoCaughtBy: [],
    alter: passing((stored, { field, op, value }) =>
      field === "name" && op === "eq"
        ? stored.record.name?.normalize() === String(value).normalize()
        : undefined,
    ),
  },
  {
    id: "knows-no-digests",
    breaks: "record-store.find.envelope-fields",
    alsoCaughtBy: [],
    alter: passing((_, { field }) => (field === "digest" ? false : undefined)),
  },
  {
    id: "looks-at-the-first-of-a-list",
    breaks: "record-store.find.in",
    alsoCaughtBy: [],
    alter: passing((stored, filter) =>
      filter.op === "in" && Array.isArray(filter.value)
        ? matches(stored, [{ ...filter, value: filter.value.slice(0, 1) }])
        : undefined,
    ),
  },
  {
    id: "takes-a-prefix-for-a-pattern",
    breaks: "record-store.find.prefix",
    alsoCaughtBy: [],
    alter: passing((stored, filter) => {
      if (filter.op !== "prefix") return undefined;
      const pattern = String(filter.value).replaceAll("_", "[^]").replaceAll("%", "[^]*");
      return valuesOf(stored, filter).some((value) => new RegExp(`^${pattern}`, "u").test(String(value)));
    }),
  },
  {
    id: "steps-over-surrogates-wrongly",
    breaks: "record-store.find.prefix-highest",
    alsoCaughtBy: [],
    alter: passing((stored, filter) => {
      if (filter.op !== "prefix" || !String(filter.value).endsWith("\ud7ff")) return undefined;
      return valuesOf(stored, filter).some((value) => String(value) >= String(filter.value));
    }),
  },
  {
    id: "looks-for-text-anywhere",
    breaks: "record-store.find.text",
    alsoCaughtBy: ["record-store.find.text-unicode"],
    alter: passing((stored, { op, value }) =>
      op === "text"
        ? (stored.record.name ?? "").toLowerCase().includes(String(value).toLowerCase())
        : undefined,
    ),
  },
  {
    id: "knows-ascii-words-only",
    breaks: "record-store.find.text-unicode",
    alsoCaughtBy: [],
    alter: passing((stored, { op, value }) => {
      if (op !== "text") return undefined;
      const words = (text: string): string[] =>
        text
          .normalize("NFD")
          .replace(/\p{M}/gu, "")
          .toLowerCase()
          .match(/[a-z0-9]+/g) ?? [];
      const present = words(stored.record.name ?? "");
      return words(String(value)).every((word) => present.some((one) => one.startsWith(word)));
    }),
  },
  {
    id: "compares-numbers-as-text",
    breaks: "record-store.find.range-integer",
    alsoCaughtBy: [],
    alter: passing((stored, filter) => {
      if (typeof filter.value !== "number" || !["lt", "lte", "gt", "gte"].includes(filter.op))
        return undefined;
      const value = String(filter.value);
      return valuesOf(stored, filter).some((found) => {
        const text = String(found);
        if (text === value) return filter.op.endsWith("e");
        return filter.op.startsWith("l") ? text < value : text > value;
      });
    }),
  },
  {
    id: "leaves-the-end-of-a-range-out",
    breaks: "record-store.find.range-time",
    alsoCaughtBy: [],
    alter: passing((stored, filter) =>
      filter.field === "created" && filter.op === "lte"
        ? matches(stored, [{ ...filter, op: "lt" }])
        : undefined,
    ),
  },
  {
    id: "takes-zero-for-missing",
    breaks: "record-store.find.exists",
    alsoCaughtBy: [],
    alter: passing((stored, filter) =>
      filter.op === "exists" ? valuesOf(stored, filter).some(Boolean) === filter.value : undefined,
    ),
  },
  {
    id: "takes-missing-for-zero",
    breaks: "record-store.find.missing",
    alsoCaughtBy: ["record-store.find.range-integer"],
    alter: passing((stored, filter) =>
      filter.op === "eq" && filter.value === 0 && valuesOf(stored, filter).length === 0 ? true : undefined,
    ),
  },
  {
    id: "looks-at-the-first-value",
    breaks: "record-store.find.several-values",
    alsoCaughtBy: [],
    alter: passing((stored, filter) =>
      filter.field === "tag" && filter.op === "eq" ? valuesOf(stored, filter)[0] === filter.value : undefined,
    ),
  },
  {
    id: "reads-fields-of-any-kind",
    breaks: "record-store.find.kind-fields",
    alsoCaughtBy: [],
    alter: passing((stored, { field, op, value }) =>
      field === "weights.step" && op === "eq" ? stored.record.body?.step === value : undefined,
    ),
  },
  {
    id: "reads-the-top-of-bodies-only",
    breaks: "record-store.find.nested-field",
    alsoCaughtBy: [],
    alter: passing((stored, { field, op, value }) =>
      field === "model.architecture" && op === "prefix"
        ? String(stored.record.body?.architecture).startsWith(String(value))
        : undefined,
    ),
  },
  {
    id: "converts-text-to-numbers",
    breaks: "record-store.find.wrong-type",
    alsoCaughtBy: [],
    alter: passing((stored, { field, op, value }) =>
      field === "asset.frameNumber" && op === "eq" && typeof stored.record.body?.frameNumber === "string"
        ? Number(stored.record.body.frameNumber) === value
        : undefined,
    ),
  },
  {
    id: "joins-links-with-their-targets",
    breaks: "record-store.find.links",
    alsoCaughtBy: [],
    alter: (good) => ({
      async find(request, options) {
        const result = await good.find(request, options);
        const [filter] = request.where;
        if (filter?.op !== "eq" || !filter.field.startsWith("link.")) return result;
        const { records } = await good.get({ ids: [String(filter.value)] });
        return records[0] === null ? { ...result, records: [] } : result;
      },
    }),
  },
  {
    id: "finds-whole-records",
    breaks: "record-store.find.parts",
    alsoCaughtBy: [],
    alter: (good) => ({
      find: (request, options) => good.find({ ...request, parts: undefined }, options),
    }),
  },
  {
    id: "finds-nothing-by-unknown-fields",
    breaks: "record-store.find.query-invalid",
    alsoCaughtBy: ["record-store.order.refused"],
    alter: (good) => ({
      find: (request, options) =>
        good.find(request, options).catch((error: unknown): FindResult => {
          if (!isRmtcError(error, "RMTC_QUERY_INVALID") || !error.pointer?.endsWith("/field")) throw error;
          return { records: [], asOf: "0" };
        }),
    }),
  },
  {
    id: "passes-over-unknown-options",
    breaks: "record-store.find.unknown-option",
    alsoCaughtBy: [],
    alter: (good) => ({
      find: ({ where, order, limit, cursor, parts }, options) => {
        const known = where.map(({ field, op, value }) => ({ field, op, value }));
        return good.find({ where: known, order, limit, cursor, parts }, options);
      },
    }),
  },
  {
    id: "answers-as-of-the-beginning",
    breaks: "record-store.find.as-of",
    alsoCaughtBy: [],
    alter: (good) => ({
      async find(request, options) {
        return { ...(await good.find(request, options)), asOf: "0" };
      },
    }),
  },
  {
    id: "pastes-values-into-queries",
    breaks: "record-store.find.hostile-values",
    alsoCaughtBy: [],
    alter: passing((_, { value }) => (String(value).includes("' OR") ? true : undefined)),
  },
];

function passing(passes: Passes): Double<RecordStore>["alter"] {
  return (good) => scanningFind(good, { passes });
}

function valuesOf(stored: Parameters<Passes>[0], filter: Filter): readonly (string | number)[] {
  const field = queryFieldOf(filter.field);
  return field === undefined ? [] : fieldValues(stored, field);
}
