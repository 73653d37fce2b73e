// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, RmtcError, type RunState, type RunStatus, type RunStore } from "@rmtc/contract";
import type { Double } from "../double.ts";

/** Doubles that let runs go through other states. */
export const statesDoubles: readonly Double<RunStore>[] = [
  {
    id: "starts-at-attempt-one",
    breaks: "run-store.states.open",
    alsoCaughtBy: ["run-store.states.open-again", "run-store.states.whole-life"],
    alter: (good) => ({
      async openRun(request, options) {
        const status = await good.openRun(request, options);
        return status.state === "open" ? { ...status, attempt: 1 } : status;
      },
    }),
  },
  {
    id: "opens-again",
    breaks: "run-store.states.open-again",
    alsoCaughtBy: [],
    alter: (good) => ({
      async openRun(request, options) {
        return { ...(await good.openRun(request, options)), updatedAt: new Date().toISOString() };
      },
    }),
  },
  {
    id: "leaves-out-unknown-runs",
    breaks: "run-store.states.get",
    alsoCaughtBy: [],
    alter: (good) => ({
      async getRuns(runs, options) {
        const found = await good.getRuns(runs, options);
        return found.filter((status) => status !== null);
      },
    }),
  },
  {
    id: "seals-in-one-step",
    breaks: "run-store.states.whole-life",
    alsoCaughtBy: [
      "run-store.list.states",
      "run-store.seals.exact",
      "run-store.seals.copies",
      "run-store.seals.again",
      "run-store.seals.other",
      "run-store.seals.pending",
    ],
    alter: (good) => ({
      async beginSeal(intent, options) {
        await good.beginSeal(intent, options);
        return await good.finishSeal({ run: intent.run }, options);
      },
    }),
  },
  {
    id: "goes-on-with-a-running-attempt",
    breaks: "run-store.states.attempts",
    alsoCaughtBy: [
      "run-store.states.stale",
      "run-store.states.second-writer",
      "run-store.metrics.batch-per-attempt",
      "run-store.metrics.counting",
      "run-store.metrics.counting-back",
      "run-store.metrics.counting-own",
      "run-store.metrics.summary",
      "run-store.durable.goes-on",
    ],
    alter: (good) => ({
      async startAttempt(request, options) {
        const [status] = await good.getRuns([request.run]);
        if (status?.state === "running") return status;
        return await good.startAttempt(request, options);
      },
    }),
  },
  {
    id: "keeps-no-message",
    breaks: "run-store.states.message",
    alsoCaughtBy: [],
    alter: (good) => ({
      endAttempt: (request, options) => good.endAttempt({ ...request, message: undefined }, options),
    }),
  },
  {
    id: "keeps-an-old-message",
    breaks: "run-store.states.message",
    alsoCaughtBy: [],
    alter(good) {
      let message: string | undefined;
      return {
        async endAttempt(request, options) {
          const status = await good.endAttempt(request, options);
          message = request.message;
          return status;
        },
        async startAttempt(request, options) {
          const status = await good.startAttempt(request, options);
          return message === undefined ? status : { ...status, message };
        },
      };
    },
  },
  {
    id: "says-when-it-was-opened-only",
    breaks: "run-store.states.times",
    alsoCaughtBy: [],
    alter: (good) => ({
      async endAttempt(request, options) {
        const status = await good.endAttempt(request, options);
        return { ...status, updatedAt: status.openedAt };
      },
    }),
  },
  {
    id: "starts-attempts-of-sealed-runs",
    breaks: "run-store.states.start-refused",
    alsoCaughtBy: ["run-store.durable.goes-on"],
    alter: (good) => ({
      startAttempt: (request, options) =>
        good.startAttempt(request, options).catch((error) => pretend(good, error, request.run, "running")),
    }),
  },
  {
    id: "ends-attempts-twice",
    breaks: "run-store.states.end-refused",
    alsoCaughtBy: ["run-store.states.parallel-ends"],
    alter: (good) => ({
      endAttempt: (request, options) =>
        good.endAttempt(request, options).catch((error) => pretend(good, error, request.run, request.state)),
    }),
  },
  {
    id: "drops-late-points-in-silence",
    breaks: "run-store.states.log-refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      logMetrics: (request, options) =>
        good.logMetrics(request, options).catch(async (error: unknown) => {
          const [status] = await good.getRuns([request.run]);
          if (!isRmtcError(error, "RMTC_STATE_INVALID") || status?.state === "running") throw error;
        }),
    }),
  },
  {
    id: "seals-running-runs",
    breaks: "run-store.states.seal-refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      beginSeal: (intent, options) =>
        good.beginSeal(intent, options).catch(async (error: unknown) => {
          const [status] = await good.getRuns([intent.run]);
          if (status?.state !== "open" && status?.state !== "running") throw error;
          return await pretend(good, error, intent.run, "sealing");
        }),
    }),
  },
  {
    id: "finishes-what-was-not-begun",
    breaks: "run-store.states.finish-refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      finishSeal: (request, options) =>
        good.finishSeal(request, options).catch((error) => pretend(good, error, request.run, "sealed")),
    }),
  },
  {
    id: "has-no-metrics-of-unknown-runs",
    breaks: "run-store.states.unknown",
    alsoCaughtBy: [],
    alter: (good) => ({
      readMetrics: (request, options) =>
        good.readMetrics(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
          return { points: [] };
        }),
    }),
  },
  {
    id: "takes-stale-points",
    breaks: "run-store.states.stale",
    alsoCaughtBy: ["run-store.states.second-writer"],
    alter: (good) => ({
      logMetrics: (request, options) =>
        good.logMetrics(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_ATTEMPT_STALE")) throw error;
        }),
    }),
  },
  {
    id: "says-state-of-stale-attempts",
    breaks: "run-store.states.stale",
    alsoCaughtBy: [],
    alter: (good) => ({
      endAttempt: (request, options) =>
        good.endAttempt(request, options).catch((error: unknown) => {
          if (!isRmtcError(error, "RMTC_ATTEMPT_STALE")) throw error;
          throw new RmtcError("RMTC_STATE_INVALID", error.message);
        }),
    }),
  },
  {
    id: "numbers-attempts-before-it-starts-them",
    breaks: "run-store.states.parallel-starts",
    alsoCaughtBy: ["run-store.states.second-writer"],
    alter: (good) => ({
      async startAttempt(request, options) {
        const [before] = await good.getRuns([request.run]);
        const status = await good.startAttempt(request, options);
        return { ...status, attempt: (before?.attempt ?? 0) + 1 };
      },
    }),
  },
  {
    id: "looks-before-it-ends",
    breaks: "run-store.states.parallel-ends",
    alsoCaughtBy: [],
    alter: (good) => ({
      async endAttempt(request, options) {
        const [before] = await good.getRuns([request.run]);
        try {
          return await good.endAttempt(request, options);
        } catch (error) {
          if (before?.state !== "running") throw error;
          return await pretend(good, error, request.run, request.state);
        }
      },
    }),
  },
  {
    id: "keeps-attempts-to-an-instance",
    breaks: "run-store.states.second-writer",
    alsoCaughtBy: [],
    alter(good, instance) {
      const attempts = new Map<string, number>();
      return {
        async startAttempt(request, options) {
          const status = await good.startAttempt(request, options);
          attempts.set(request.run, status.attempt);
          return status;
        },
        async logMetrics(request, options) {
          if (instance === 0 && attempts.get(request.run) === request.attempt) {
            await good.logMetrics(request, options).catch((error: unknown) => {
              if (!isRmtcError(error, "RMTC_ATTEMPT_STALE")) throw error;
            });
            return;
          }
          await good.logMetrics(request, options);
        },
      };
    },
  },
  {
    id: "lists-the-oldest-first",
    breaks: "run-store.list.order",
    alsoCaughtBy: ["run-store.list.states", "run-store.list.pages"],
    alter: (good) => ({
      async listRuns(request, options) {
        const page = await good.listRuns(request, options);
        return page.next === undefined && request.cursor === undefined
          ? { runs: page.runs.toReversed() }
          : page;
      },
    }),
  },
  {
    id: "lists-every-state",
    breaks: "run-store.list.states",
    alsoCaughtBy: ["run-store.list.refused"],
    alter: (good) => ({
      listRuns: (request, options) => good.listRuns({ ...request, states: undefined }, options),
    }),
  },
  {
    id: "lists-runs-twice",
    breaks: "run-store.list.pages",
    alsoCaughtBy: [],
    alter(good) {
      const last = new Map<string, RunStatus>();
      return {
        async listRuns(request, options) {
          const page = await good.listRuns(request, options);
          const before = last.get(request.cursor ?? "");
          const end = page.runs.at(-1);
          if (page.next !== undefined && end !== undefined) last.set(page.next, end);
          return before === undefined
            ? page
            : { ...page, runs: [before, ...page.runs].slice(0, request.limit) };
        },
      };
    },
  },
  {
    id: "clamps-run-limits",
    breaks: "run-store.list.refused",
    alsoCaughtBy: [],
    alter: (good) => ({
      listRuns: (request, options) =>
        good.listRuns({ ...request, limit: Math.max(1, Math.floor(request.limit) || 1) }, options),
    }),
  },
];

/** Answers a call that the state did not allow as though it had. */
async function pretend(good: RunStore, error: unknown, run: string, state: RunState): Promise<RunStatus> {
  const [status] = await good.getRuns([run]);
  if (!isRmtcError(error, "RMTC_STATE_INVALID") || !status) throw error;
  return { ...status, state };
}
