// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RunStore, type SealIntent } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that keep seals wrongly, or forget. */
export const sealsDoubles: readonly Double<RunStore>[] = [
  {
    id: "normalizes-sealed-text",
    breaks: "run-store.seals.exact",
    alsoCaughtBy: ["run-store.seals.copies", "run-store.seals.other"],
    alter: (good) => ({
      async pendingSeals(options) {
        const seals = await good.pendingSeals(options);
        return JSON.parse(JSON.stringify(seals).normalize("NFC")) as SealIntent[];
      },
    }),
  },
  {
    id: "keeps-the-caller's-seal",
    breaks: "run-store.seals.copies",
    alsoCaughtBy: [],
    alter(good) {
      const given = new Map<string, SealIntent>();
      return {
        async beginSeal(intent, options) {
          const status = await good.beginSeal(intent, options);
          if (!given.has(intent.run)) given.set(intent.run, intent);
          return status;
        },
        async pendingSeals(options) {
          const seals = await good.pendingSeals(options);
          return seals.map((seal) => given.get(seal.run) ?? seal);
        },
      };
    },
  },
  {
    id: "begins-a-seal-once",
    breaks: "run-store.seals.again",
    alsoCaughtBy: [],
    alter: (good) => ({
      async beginSeal(intent, options) {
        const [status] = await good.getRuns([intent.run]);
        // A seal that is put already stands as any other does.
        const records = status?.state === "sealed" ? [...intent.records, ...intent.records] : intent.records;
        return await good.beginSeal({ ...intent, records }, options);
      },
    }),
  },
  {
    id: "keeps-the-first-seal-in-silence",
    breaks: "run-store.seals.other",
    alsoCaughtBy: [],
    alter: (good) => ({
      beginSeal: (intent, options) =>
        good.beginSeal(intent, options).catch(async (error: unknown) => {
          const [status] = await good.getRuns([intent.run]);
          if (!isRmtcError(error, "RMTC_STATE_INVALID") || !status?.state.startsWith("seal")) throw error;
          return status;
        }),
    }),
  },
  {
    id: "finishes-a-seal-once",
    breaks: "run-store.seals.finish",
    alsoCaughtBy: [],
    alter: (good) => ({
      async finishSeal(request, options) {
        const [status] = await good.getRuns([request.run]);
        const finished = await good.finishSeal(request, options);
        return status?.state === "sealed" ? { ...finished, updatedAt: "2030-01-01T00:00:00.000Z" } : finished;
      },
    }),
  },
  {
    id: "lists-one-seal",
    breaks: "run-store.seals.pending",
    alsoCaughtBy: [],
    alter: (good) => ({
      async pendingSeals(options) {
        return (await good.pendingSeals(options)).slice(0, 1);
      },
    }),
  },
  {
    id: "drops-metrics-at-the-seal",
    breaks: "run-store.seals.metrics-stay",
    alsoCaughtBy: [],
    alter(good) {
      const sealed = new Set<string>();
      return {
        async finishSeal(request, options) {
          const status = await good.finishSeal(request, options);
          sealed.add(request.run);
          return status;
        },
        async readMetrics(request, options) {
          const page = await good.readMetrics(request, options);
          return sealed.has(request.run) ? { points: [] } : page;
        },
      };
    },
  },
  {
    id: "forgets-aliases-when-closed",
    breaks: "run-store.durable.reopen",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      async listAliases(request, options) {
        return instance === 0 ? await good.listAliases(request, options) : [];
      },
    }),
  },
  {
    id: "forgets-batches-when-closed",
    breaks: "run-store.durable.goes-on",
    alsoCaughtBy: [],
    alter: (good, instance) => ({
      async logMetrics(request, options) {
        if (instance === 0 || request.batch > 1 || request.attempt > 1) {
          await good.logMetrics(request, options);
          return;
        }
        // It thinks that it has taken no batch yet, and takes the first one as the next.
        await good.logMetrics({ ...request, batch: 2 }, options);
      },
    }),
  },
];
