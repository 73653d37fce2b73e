// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type MetricPoint, RmtcError, type RunStore } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that keep, count or order metric points wrongly. */
export const metricsDoubles: readonly Double<RunStore>[] = [
  {
    id: "keeps-single-precision",
    breaks: "run-store.metrics.round-trip",
    alsoCaughtBy: [],
    alter: reading((points) =>
      points.map((point) =>
        typeof point.value === "number" ? { ...point, value: Math.fround(point.value) } : point,
      ),
    ),
  },
  {
    id: "keeps-no-nan",
    breaks: "run-store.metrics.not-finite",
    alsoCaughtBy: ["run-store.seals.metrics-stay"],
    alter: reading((points) => points.filter(({ value }) => value !== "NaN")),
  },
  {
    id: "orders-keys-by-utf-16",
    breaks: "run-store.metrics.order",
    alsoCaughtBy: [],
    alter: reading((points) => [
      ...points.filter(({ key }) => !key.startsWith("\uffdc")),
      ...points.filter(({ key }) => key.startsWith("\uffdc")),
    ]),
  },
  {
    id: "orders-steps-as-text",
    breaks: "run-store.metrics.order",
    alsoCaughtBy: ["run-store.metrics.many"],
    alter: reading((points) =>
      points.toSorted((a, b) =>
        a.key === b.key && a.step !== b.step && Math.max(a.step, b.step) <= 100
          ? String(a.step) < String(b.step)
            ? -1
            : 1
          : 0,
      ),
    ),
  },
  {
    id: "takes-batches-again",
    breaks: "run-store.metrics.repeated-batch",
    alsoCaughtBy: [],
    alter(good) {
      const again = new Map<string, MetricPoint[]>();
      const batches = new Set<string>();
      return {
        async logMetrics(request, options) {
          await good.logMetrics(request, options);
          const batch = `${request.run} ${request.attempt} ${request.batch}`;
          if (batches.has(batch))
            again.set(request.run, [...(again.get(request.run) ?? []), ...request.points]);
          batches.add(batch);
        },
        async readMetrics(request, options) {
          const page = await good.readMetrics(request, options);
          if (page.next !== undefined) return page;
          return { points: [...page.points, ...(again.get(request.run) ?? [])] };
        },
      };
    },
  },
  {
    id: "passes-over-lost-batches",
    breaks: "run-store.metrics.batch-gap",
    alsoCaughtBy: ["run-store.metrics.batch-per-attempt", "run-store.durable.goes-on"],
    alter: (good) => ({
      logMetrics: (request, options) =>
        good.logMetrics(request, options).catch(async (error: unknown) => {
          const [status] = await good.getRuns([request.run]);
          if (!isRmtcError(error, "RMTC_STATE_INVALID") || status?.state !== "running") throw error;
        }),
    }),
  },
  {
    id: "counts-batches-over-attempts",
    breaks: "run-store.metrics.batch-per-attempt",
    alsoCaughtBy: [
      "run-store.metrics.counting",
      "run-store.metrics.counting-own",
      "run-store.metrics.summary",
    ],
    alter(good) {
      const taken = new Map<string, number>();
      return {
        async logMetrics(request, options) {
          const { run, attempt, batch } = request;
          const before = taken.get(run) ?? 0;
          if (attempt > 1 && batch <= before) {
            // The batch is thought to be known, but the store itself still counts it.
            await good.logMetrics({ ...request, points: [] }, options);
            return;
          }
          await good.logMetrics(request, options);
          taken.set(run, Math.max(before, batch));
        },
      };
    },
  },
  {
    id: "keeps-the-points-it-can",
    breaks: "run-store.metrics.atomic",
    alsoCaughtBy: [],
    alter: (good) => ({
      logMetrics: (request, options) =>
        good.logMetrics(request, options).catch(async (error: unknown) => {
          if (!isRmtcError(error, "RMTC_VALUE_INVALID")) throw error;
          await good.logMetrics({ ...request, points: request.points.slice(0, 1) }, options);
          throw error;
        }),
    }),
  },
  {
    id: "takes-batches-of-any-size",
    breaks: "run-store.metrics.limit",
    alsoCaughtBy: [],
    alter: (good) => ({
      logMetrics: (request, options) =>
        good.logMetrics(
          { ...request, points: request.points.slice(0, good.capabilities.maxBatchPoints) },
          options,
        ),
    }),
  },
  {
    id: "counts-every-attempt",
    breaks: "run-store.metrics.counting",
    alsoCaughtBy: ["run-store.metrics.counting-back", "run-store.metrics.summary"],
    alter: (good) => ({
      startAttempt: (request, options) =>
        good.startAttempt({ ...request, resumeAfterStep: Number.MAX_SAFE_INTEGER }, options),
    }),
  },
  {
    id: "counts-points-again",
    breaks: "run-store.metrics.counting-back",
    alsoCaughtBy: [],
    alter(good) {
      const all = new Map<string, { readonly attempt: number; readonly point: MetricPoint }[]>();
      const resumed = new Map<string, number>();
      return {
        async logMetrics(request, options) {
          await good.logMetrics(request, options);
          const own = request.points.map((point) => ({ attempt: request.attempt, point }));
          all.set(request.run, [...(all.get(request.run) ?? []), ...own]);
        },
        async startAttempt(request, options) {
          const status = await good.startAttempt(request, options);
          resumed.set(request.run, request.resumeAfterStep);
          return status;
        },
        async readMetrics(request, options) {
          const page = await good.readMetrics(request, options);
          const [status] = await good.getRuns([request.run]);
          // Only what the newest attempt says is looked at.
          const after = resumed.get(request.run) ?? 0;
          const lost = (all.get(request.run) ?? []).filter(
            ({ attempt, point }) =>
              attempt < (status?.attempt ?? 0) - 1 &&
              point.step <= after &&
              !page.points.some(({ key, step }) => key === point.key && step === point.step),
          );
          if (request.keys !== undefined || request.cursor !== undefined || page.next !== undefined)
            return page;
          return { points: [...page.points, ...lost.map(({ point }) => point)] };
        },
      };
    },
  },
  {
    id: "drops-an-attempt's-early-points",
    breaks: "run-store.metrics.counting-own",
    alsoCaughtBy: ["run-store.metrics.atomic", "run-store.metrics.summary"],
    alter(good) {
      const resumed = new Map<string, number>();
      return {
        async startAttempt(request, options) {
          const status = await good.startAttempt(request, options);
          if (status.attempt > 1) resumed.set(request.run, request.resumeAfterStep);
          return status;
        },
        logMetrics: (request, options) => {
          const after = resumed.get(request.run) ?? -1;
          return good.logMetrics(
            { ...request, points: request.points.filter(({ step }) => !(step <= after)) },
            options,
          );
        },
      };
    },
  },
  {
    id: "takes-keys-for-prefixes",
    breaks: "run-store.metrics.keys",
    alsoCaughtBy: [],
    alter: (good) => ({
      async readMetrics(request, options) {
        if (request.keys?.length !== 0) return await good.readMetrics(request, options);
        return await good.readMetrics({ ...request, keys: undefined }, options);
      },
    }),
  },
  {
    id: "mixes-runs-up",
    breaks: "run-store.metrics.runs-apart",
    alsoCaughtBy: [],
    alter(good) {
      let last: string | undefined;
      return {
        async logMetrics(request, options) {
          await good.logMetrics(request, options);
          last = request.run;
        },
        async readMetrics(request, options) {
          const page = await good.readMetrics(request, options);
          if (page.points.length > 0 || request.keys !== undefined || last === undefined) return page;
          return await good.readMetrics({ ...request, run: last }, options);
        },
      };
    },
  },
  {
    id: "pages-points-by-offset",
    breaks: "run-store.metrics.pages-stable",
    alsoCaughtBy: [],
    alter(good) {
      const offsets = new Map<string, number>();
      return {
        async readMetrics(request, options) {
          const offset = offsets.get(request.cursor ?? "") ?? 0;
          const page = await good.readMetrics(request, options);
          if (page.next !== undefined) offsets.set(page.next, offset + request.limit);
          if (offset === 0) return page;
          const { run, keys, limit } = request;
          const all = await good.readMetrics(
            { run, keys, limit: Math.min(100_000, offset + limit) },
            options,
          );
          return { ...page, points: all.points.slice(offset) };
        },
      };
    },
  },
  {
    id: "clamps-point-limits",
    breaks: "run-store.metrics.refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      readMetrics(request, options) {
        const limit = Math.min(100_000, Math.max(1, Math.floor(request.limit) || 1));
        return good.readMetrics({ ...request, limit }, options);
      },
    }),
  },
  {
    id: "sums-up-what-came-last",
    breaks: "run-store.metrics.summary",
    alsoCaughtBy: [],
    alter(good) {
      const newest = new Map<string, MetricPoint>();
      return {
        async logMetrics(request, options) {
          await good.logMetrics(request, options);
          for (const point of request.points) newest.set(`${request.run} ${point.key}`, point);
        },
        async summarizeMetrics(run, options) {
          const summaries = await good.summarizeMetrics(run, options);
          return summaries.map((one) => ({ ...one, last: newest.get(`${run} ${one.key}`) ?? one.last }));
        },
      };
    },
  },
  {
    id: "reads-200-points",
    breaks: "run-store.metrics.many",
    alsoCaughtBy: [],
    alter(good) {
      const read = new Map<string, number>();
      return {
        async readMetrics(request, options) {
          const { points, next } = await good.readMetrics(request, options);
          const sum = (read.get(request.cursor ?? "") ?? 0) + points.length;
          if (next === undefined || sum > 200) return { points };
          read.set(next, sum);
          return { points, next };
        },
      };
    },
  },
  {
    id: "keeps-half-of-an-aborted-batch",
    breaks: "run-store.aborted.log-midway",
    alsoCaughtBy: [],
    alter(good) {
      const halves = new Map<string, number>();
      return {
        async logMetrics(request, options) {
          if (request.points.length < 200 || options?.signal === undefined) {
            await good.logMetrics(request, options);
            return;
          }
          halves.set(request.run, request.points.length / 2);
          await new Promise((resolve) => setTimeout(resolve, 4));
          await good.logMetrics(request, options);
          halves.delete(request.run);
        },
        async summarizeMetrics(run, options) {
          const summaries = await good.summarizeMetrics(run, options);
          const half = halves.get(run);
          if (half === undefined || summaries.length > 0) return summaries;
          return [{ key: "loss", count: half, last: { key: "loss", step: half, value: 0, at: "" } }];
        },
      };
    },
  },
  {
    id: "refuses-empty-batches",
    breaks: "run-store.metrics.batch-per-attempt",
    alsoCaughtBy: [],
    alter: (good) => ({
      async logMetrics(request, options) {
        if (request.points.length === 0) throw new RmtcError("RMTC_VALUE_INVALID", "There are no points.");
        await good.logMetrics(request, options);
      },
    }),
  },
];

function reading(change: (points: readonly MetricPoint[]) => MetricPoint[]): Double<RunStore>["alter"] {
  return (good) => ({
    async readMetrics(request, options) {
      const page = await good.readMetrics(request, options);
      return { ...page, points: change(page.points) };
    },
  });
}
