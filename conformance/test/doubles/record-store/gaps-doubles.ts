// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { LinkGap, RecordStore } from "@rmtc/contract";
import type { Double } from "../double.ts";
import { changeClosure, requestClosure } from "./change-closure.ts";

/** Doubles that do not say what they could not know. */
export const gapsDoubles: readonly Double<RecordStore>[] = [
  {
    id: "passes-over-what-is-missing",
    breaks: "record-store.gaps.missing",
    alsoCaughtBy: [
      "record-store.gaps.each-link",
      "record-store.gaps.many",
      "record-store.gaps.close",
      "record-store.gaps.ignored",
      "record-store.as-of.later-records",
    ],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        gaps: whole.gaps.filter(({ type, via }) => type !== "missing" || via === undefined),
      })),
  },
  {
    id: "names-a-missing-record-once",
    breaks: "record-store.gaps.each-link",
    alsoCaughtBy: ["record-store.gaps.cycle"],
    alter: (good) =>
      changeClosure(good, (whole) => {
        const seen = new Set<string>();
        const first = ({ id }: LinkGap): boolean => !seen.has(id) && seen.add(id).size > 0;
        return { ...whole, gaps: whole.gaps.filter(first) };
      }),
  },
  {
    id: "names-30-gaps",
    breaks: "record-store.gaps.many",
    alsoCaughtBy: [],
    alter: (good) => changeClosure(good, (whole) => ({ ...whole, gaps: whole.gaps.slice(0, 30) })),
  },
  {
    id: "walks-through-mismatches",
    breaks: "record-store.gaps.mismatch",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, async (whole, request) => {
        const ids = whole.gaps.filter(({ type }) => type === "mismatch").map(({ id }) => id);
        if (ids.length === 0 || request.direction !== "upstream") return whole;
        const beyond = { records: [...whole.records], gaps: [...whole.gaps] };
        const reached = new Set(whole.records.map(({ id }) => id));
        for await (const page of good.closure({ ...request, roots: ids })) {
          beyond.records.push(...page.records.filter(({ id }) => !reached.has(id)));
        }
        return { ...whole, ...beyond };
      }),
  },
  {
    id: "says-missing-of-mismatches",
    breaks: "record-store.gaps.mismatch",
    alsoCaughtBy: [
      "record-store.gaps.mismatch-downstream",
      "record-store.gaps.mismatch-beside-match",
      "record-store.gaps.other-digest-comes",
      "record-store.gaps.cycle",
    ],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        gaps: whole.gaps.map((gap) => ({ ...gap, type: "missing" as const })),
      })),
  },
  {
    id: "follows-any-digest-downstream",
    breaks: "record-store.gaps.mismatch-downstream",
    alsoCaughtBy: [
      "record-store.gaps.root",
      "record-store.gaps.cycle",
      "record-store.as-of.later-records",
      "record-store.as-of.downstream",
    ],
    alter: (good) =>
      changeClosure(good, (whole, { direction }) =>
        direction === "upstream" ? whole : { ...whole, gaps: [] },
      ),
  },
  {
    id: "checks-the-first-link-to-a-record",
    breaks: "record-store.gaps.mismatch-beside-match",
    alsoCaughtBy: [
      "record-store.gaps.mismatch-downstream",
      "record-store.gaps.cycle",
      "record-store.as-of.downstream",
    ],
    alter: (good) =>
      changeClosure(good, (whole) => {
        const reached = new Set(whole.records.map(({ id }) => id));
        return { ...whole, gaps: whole.gaps.filter(({ id, via }) => via === undefined || !reached.has(id)) };
      }),
  },
  {
    id: "passes-over-missing-roots",
    breaks: "record-store.gaps.root",
    alsoCaughtBy: ["record-store.as-of.later-records"],
    alter: (good) =>
      changeClosure(good, (whole) => ({ ...whole, gaps: whole.gaps.filter(({ via }) => via !== undefined) })),
  },
  {
    id: "remembers-gaps",
    breaks: "record-store.gaps.close",
    alsoCaughtBy: [],
    alter(good) {
      const remembered = new Map<string, LinkGap>();
      return changeClosure(good, (whole, { asOf }) => {
        if (asOf !== undefined) return whole;
        const fresh = new Set(whole.gaps.map(({ id }) => id));
        const old = [...remembered.values()].filter(({ id }) => !fresh.has(id));
        for (const gap of whole.gaps) if (gap.via !== undefined) remembered.set(gap.id, gap);
        const reached = new Set(whole.records.map(({ id }) => id));
        return { ...whole, gaps: [...whole.gaps, ...old.filter(({ via }) => reached.has(via?.from ?? ""))] };
      });
    },
  },
  {
    id: "remembers-what-was-missing",
    breaks: "record-store.gaps.other-digest-comes",
    alsoCaughtBy: [],
    alter(good) {
      const links = new Set<string>();
      return {
        async put(request, options) {
          const result = await good.put(request, options);
          for (const { links: own } of request.records) {
            const { records } = await good.get({ ids: own.map(({ to }) => to), parts: [] });
            for (const [index, { to }] of own.entries()) if (records[index] === null) links.add(to);
          }
          return result;
        },
        ...changeClosure(good, (whole) => ({
          ...whole,
          gaps: whole.gaps.map((gap) => (links.has(gap.id) ? { ...gap, type: "missing" as const } : gap)),
        })),
      };
    },
  },
  {
    id: "names-gaps-it-should-ignore",
    breaks: "record-store.gaps.ignored",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, async (whole, { ignoreRelations, ...request }) => {
        if (ignoreRelations === undefined) return whole;
        const gaps: LinkGap[] = [];
        for await (const page of good.closure(request)) gaps.push(...page.gaps);
        return { ...whole, gaps };
      }),
  },
  {
    id: "gives-up-on-circles",
    breaks: "record-store.gaps.cycle",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, (whole) => ({
        ...whole,
        gaps: whole.gaps.filter(({ via }) => via === undefined || via.from !== via.to),
      })),
  },
  {
    id: "walks-as-of-now",
    breaks: "record-store.as-of.later-records",
    alsoCaughtBy: ["record-store.as-of.downstream"],
    alter: (good) =>
      requestClosure(good, (request) =>
        /^\d+$/.test(request.asOf ?? "0") ? { ...request, asOf: undefined } : request,
      ),
  },
  {
    id: "names-later-gaps",
    breaks: "record-store.as-of.downstream",
    alsoCaughtBy: [],
    alter: (good) =>
      changeClosure(good, async (whole, { asOf, ...request }) => {
        if (asOf === undefined || request.direction === "upstream") return whole;
        const gaps: LinkGap[] = [];
        for await (const page of good.closure(request)) gaps.push(...page.gaps);
        return { ...whole, gaps: [...whole.gaps, ...gaps.filter(({ type }) => type === "mismatch")] };
      }),
  },
  {
    id: "sees-what-comes-while-it-walks",
    breaks: "record-store.as-of.steady",
    alsoCaughtBy: [],
    alter: (good) => ({
      async *closure(request, options) {
        if (request.asOf !== undefined) {
          yield* good.closure(request, options);
          return;
        }
        let given = 0;
        for (let done = false; !done; ) {
          let skip = given;
          done = true;
          for await (const page of good.closure(request, options)) {
            if (skip > 0) {
              skip -= 1;
              continue;
            }
            yield page;
            given += 1;
            done = false;
            break;
          }
          if (given > 40) return;
        }
      },
    }),
  },
];
