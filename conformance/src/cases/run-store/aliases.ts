// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { newRecordId, sha256 } from "@rmtc/attest";
import type { RunStoreCase } from "../../conformance-case.ts";
import { assertSame } from "../support/assert-same.ts";
import { rejectsWith } from "../support/rejects-with.ts";
import { nextMillisecond } from "./sample-runs.ts";

/** How names move. */
export const aliasesCases: readonly RunStoreCase[] = [
  {
    id: "run-store.aliases.set",
    level: "must",
    spec: "run-store.md#rmtc-run-060",
    title: "points an alias at a record and says since when and by whom",
    async run({ store }) {
      const request = { alias: "hero-roto@production", to: newRecordId(), digest: sha256("a"), by: "ada" };
      const set = await store.setAlias(request);
      assertSame(set, { ...request, setAt: set.setAt });
      assert.match(set.setAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assertSame(await store.getAlias("hero-roto@production"), [set]);
    },
  },
  {
    id: "run-store.aliases.move",
    level: "must",
    spec: "run-store.md#rmtc-run-060",
    title: "points an alias at its newest record alone, unchecked when no record is expected",
    async run({ store }) {
      const [first, second] = [newRecordId(), newRecordId()];
      await store.setAlias({ alias: "a", to: first, digest: sha256("1") });
      await store.setAlias({ alias: "a", to: second, digest: sha256("2") });
      const heads = await store.getAlias("a");
      assertSame(
        heads.map(({ to, digest }) => [to, digest]),
        [[second, sha256("2")]],
      );
    },
  },
  {
    id: "run-store.aliases.unknown",
    level: "must",
    spec: "run-store.md#rmtc-run-061",
    title: "has no head and no history for an alias that does not exist",
    async run({ store }) {
      await store.setAlias({ alias: "a", to: newRecordId(), digest: sha256("1") });
      for (const alias of ["b", "A", "a ", "%", ""]) {
        assertSame(await store.getAlias(alias), [], alias);
        assertSame(await store.aliasHistory(alias), [], alias);
      }
    },
  },
  {
    id: "run-store.aliases.compare-and-set",
    level: "must",
    spec: "run-store.md#rmtc-run-062",
    title: "moves an alias only when it names the expected record",
    when: ({ compareAndSet }) => compareAndSet,
    async run({ store }) {
      const [first, second, third] = [newRecordId(), newRecordId(), newRecordId()];
      const set = (to: string, expect: string | null): Promise<unknown> =>
        store.setAlias({ alias: "a", to, digest: sha256(to), expect });
      await rejectsWith(() => set(first, second), "RMTC_ALIAS_CONFLICT");
      assertSame(await store.getAlias("a"), []);
      await set(first, null);
      await rejectsWith(() => set(second, null), "RMTC_ALIAS_CONFLICT");
      await rejectsWith(() => set(second, third), "RMTC_ALIAS_CONFLICT");
      await set(second, first);
      await rejectsWith(() => set(third, first), "RMTC_ALIAS_CONFLICT");
      assertSame(
        (await store.aliasHistory("a")).map(({ to }) => to),
        [second, first],
      );
    },
  },
  {
    id: "run-store.aliases.parallel",
    level: "must",
    spec: "run-store.md#rmtc-run-062",
    title: "lets one of several movers at the same time win",
    when: ({ compareAndSet }) => compareAndSet,
    async run({ store }) {
      for (const expect of [null, newRecordId()]) {
        const alias = `a ${expect}`;
        if (expect !== null) await store.setAlias({ alias, to: expect, digest: sha256("0") });
        const rivals = Array.from({ length: 8 }, () => newRecordId());
        const moves = await Promise.allSettled(
          rivals.map((to) => store.setAlias({ alias, to, digest: sha256(to), expect })),
        );
        const winners = rivals.filter((_, index) => moves[index]?.status === "fulfilled");
        assert.equal(winners.length, 1, `${winners.length} moves were acknowledged`);
        assert.equal((await store.getAlias(alias))[0]?.to, winners[0]);
      }
    },
  },
  {
    id: "run-store.aliases.no-compare-and-set",
    level: "must",
    spec: "run-store.md#rmtc-run-063",
    title: "refuses to move an alias with an expectation when it does not declare to compare",
    when: ({ compareAndSet }) => !compareAndSet,
    async run({ store }) {
      const request = { alias: "a", to: newRecordId(), digest: sha256("1"), expect: null };
      await rejectsWith(() => store.setAlias(request), "RMTC_UNSUPPORTED");
      assertSame(await store.getAlias("a"), []);
    },
  },
  {
    id: "run-store.aliases.history",
    level: "must",
    spec: "run-store.md#rmtc-run-064",
    title: "lists every place an alias has pointed to, newest first",
    async run({ store }) {
      const places = Array.from({ length: 5 }, () => newRecordId()).sort((a, b) => (a < b ? 1 : -1));
      const set = [];
      for (const to of [...places, places[0] ?? ""]) {
        set.push(await store.setAlias({ alias: "a", to, digest: sha256(to), by: to.slice(-4) }));
        await store.setAlias({ alias: "b", to: newRecordId(), digest: sha256("b") });
        await nextMillisecond();
      }
      assertSame(await store.aliasHistory("a"), set.reverse());
    },
  },
  {
    id: "run-store.aliases.list",
    level: "must",
    spec: "run-store.md#rmtc-run-065",
    title: "lists the aliases that start with a prefix, in order of UTF-8 bytes, each with its head",
    async run({ store }) {
      const aliases = ["A", "hero", "hero%", "hero-roto@production", "hero_", "heros", "\uffdc", "\u{1f3ac}"];
      for (const alias of [...aliases].reverse()) {
        await store.setAlias({ alias, to: newRecordId(), digest: sha256("old") });
        await store.setAlias({ alias, to: newRecordId(), digest: sha256(alias) });
      }
      const listed = async (prefix?: string): Promise<string[]> => {
        const heads = await store.listAliases({ prefix });
        assert.ok(heads.every(({ alias, digest }) => digest === sha256(alias)));
        return heads.map(({ alias }) => alias);
      };
      assertSame(await listed(), aliases);
      assertSame(await listed(""), aliases);
      assertSame(await listed("hero"), aliases.slice(1, 6));
      assertSame(await listed("hero%"), ["hero%"]);
      assertSame(await listed("hero_"), ["hero_"]);
      assertSame(await listed("Hero"), []);
      assertSame(await listed("\u{1f3ac}"), ["\u{1f3ac}"]);
    },
  },
];
