// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RunStore } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that move names wrongly. */
export const aliasesDoubles: readonly Double<RunStore>[] = [
  {
    id: "keeps-no-mover",
    breaks: "run-store.aliases.set",
    alsoCaughtBy: [],
    alter: (good) => ({
      async getAlias(alias, options) {
        return (await good.getAlias(alias, options)).map(({ by: _, ...rest }) => rest);
      },
    }),
  },
  {
    id: "shows-every-head-there-was",
    breaks: "run-store.aliases.move",
    alsoCaughtBy: [],
    alter: (good) => ({ getAlias: (alias, options) => good.aliasHistory(alias, options) }),
  },
  {
    id: "folds-case-of-aliases",
    breaks: "run-store.aliases.unknown",
    alsoCaughtBy: [],
    alter: (good) => ({
      getAlias: (alias, options) => good.getAlias(alias.toLowerCase(), options),
    }),
  },
  {
    id: "moves-whatever-is-expected",
    breaks: "run-store.aliases.compare-and-set",
    alsoCaughtBy: ["run-store.aliases.parallel"],
    alter: (good) => ({
      setAlias: (request, options) => good.setAlias({ ...request, expect: undefined }, options),
    }),
  },
  {
    id: "takes-null-for-anything",
    breaks: "run-store.aliases.compare-and-set",
    alsoCaughtBy: ["run-store.aliases.parallel"],
    alter: (good) => ({
      setAlias: (request, options) =>
        good.setAlias({ ...request, expect: request.expect ?? undefined }, options),
    }),
  },
  {
    id: "compares-before-it-sets",
    breaks: "run-store.aliases.parallel",
    alsoCaughtBy: [],
    alter: (good) => ({
      async setAlias({ expect, ...request }, options) {
        const [head] = await good.getAlias(request.alias);
        const holds = expect === undefined || expect === (head?.to ?? null);
        await new Promise((resolve) => setImmediate(resolve));
        return await good.setAlias(holds ? request : { ...request, expect }, options);
      },
    }),
  },
  {
    id: "compares-without-saying",
    breaks: "run-store.aliases.no-compare-and-set",
    alsoCaughtBy: [],
    base: "plain",
    alter: (good) => ({
      setAlias: ({ expect: _, ...request }, options) => good.setAlias(request, options),
    }),
  },
  {
    id: "tells-history-from-the-beginning",
    breaks: "run-store.aliases.history",
    alsoCaughtBy: ["run-store.aliases.compare-and-set"],
    alter: (good) => ({
      async aliasHistory(alias, options) {
        return (await good.aliasHistory(alias, options)).toReversed();
      },
    }),
  },
  {
    id: "lists-aliases-by-pattern",
    breaks: "run-store.aliases.list",
    alsoCaughtBy: [],
    alter: (good) => ({
      async listAliases({ prefix = "" }, options) {
        const all = await good.listAliases({}, options);
        const pattern = new RegExp(`^${prefix.replaceAll("_", "[^]").replaceAll("%", "[^]*")}`, "u");
        return all.filter(({ alias }) => pattern.test(alias));
      },
    }),
  },
  {
    id: "answers-conflicts-with-the-head",
    breaks: "run-store.aliases.compare-and-set",
    alsoCaughtBy: ["run-store.aliases.parallel"],
    alter: (good) => ({
      setAlias: (request, options) =>
        good.setAlias(request, options).catch(async (error: unknown) => {
          const [head] = await good.getAlias(request.alias);
          if (!isRmtcError(error, "RMTC_ALIAS_CONFLICT") || head === undefined) throw error;
          return head;
        }),
    }),
  },
];
