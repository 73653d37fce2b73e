// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import {
  isRmtcError,
  type JobSpec,
  type JobStatus,
  RmtcError,
  type Scheduler,
  type TaskSpec,
  type TaskStatus,
} from "@rmtc/contract";
import { schedulerTraits } from "../../../src/cases/scheduler/operations.ts";
import { allSlots } from "../../../src/cases/scheduler/sample-jobs.ts";
import type { Double } from "../double.ts";
import { traitDoubles } from "../trait-doubles.ts";
import { alsoCaughtBy } from "./also-caught-by.ts";

/** Every double of a scheduler. */
export const schedulerDoubles: readonly Double<Scheduler>[] = [
  submitting("keeps-no-names", "submit.kept", (job) => ({ ...job, name: "job" })),
  double("keeps-what-it-refuses", "submit.nothing-kept", (good) => ({
    submit: (job, options) =>
      good.submit(job, options).catch(async (error: unknown) => {
        if (isRmtcError(error, "RMTC_OPTION_INVALID")) {
          await good.submit({ ...job, tasks: [{ name: "rest", command: ["true"] }] });
        }
        throw error;
      }),
  })),
  double("gives-ids-by-the-name", "submit.own-id", (good) => {
    const known = new Map<string, Promise<JobStatus>>();
    return {
      async submit(job, options) {
        const status = known.get(job.name) ?? good.submit(job, options);
        known.set(job.name, status);
        return await good.status((await status).job, options);
      },
    };
  }),
  submitting("takes-the-first-of-a-name", "submit.refused-graph", (job) => ({
    ...job,
    tasks: job.tasks.filter(({ name }, at) => job.tasks.findIndex((task) => task.name === name) === at),
  })),
  tasking("rounds-numbers", "submit.refused-numbers", (task) => ({
    ...task,
    slots: Math.max(1, Math.floor(task.slots ?? 1)),
  })),
  double("points-nowhere", "submit.pointer", (good) => ({
    submit: (job, options) =>
      good.submit(job, options).catch((error: unknown) => {
        throw isRmtcError(error) ? new RmtcError(error.code, error.message) : error;
      }),
  })),
  {
    ...submitting("passes-priorities-over", "submit.no-priorities", (job) => ({
      ...job,
      priority: undefined,
    })),
    base: "plain",
  },
  submitting("knows-every-facility", "submit.no-facilities", (job) => ({ ...job, facility: undefined })),
  showing("sorts-elements-by-name", "submit.elements", (status) => ({
    ...status,
    tasks: status.tasks.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index)),
  })),
  double("runs-a-job-once", "submit.runs-again", (good) => {
    const known = new Map<string, string>();
    return {
      async submit(job, options) {
        const before = known.get(JSON.stringify(job));
        const ended = before === undefined ? undefined : await good.status(before);
        if (ended?.state === "succeeded") return ended;
        const status = await good.submit(job, options);
        known.set(JSON.stringify(job), status.job);
        return status;
      },
    };
  }),
  tasking("passes-the-first-task-over", "start.after", (task) => ({ ...task, after: task.after?.slice(1) })),
  tasking("counts-elements-of-arrays-as-one-slot", "start.slots", (task) => ({
    ...task,
    slots: task.count === undefined ? task.slots : 1,
  })),
  submitting("heeds-no-priority", "start.priority", (job) => ({ ...job, priority: undefined })),
  submitting("lets-small-ones-pass", "start.not-passed", (job) => ({
    ...job,
    priority: job.priority ?? (job.tasks.some(({ slots }) => slots === allSlots) ? -1 : undefined),
  })),
  double("starts-anew-when-asked", "start.no-overlap", (good) => {
    const specs = new Map<string, JobSpec>();
    return {
      async submit(job, options) {
        const status = await good.submit(job, options);
        specs.set(status.job, job);
        return status;
      },
      async status(job, options) {
        const status = await good.status(job, options);
        const spec = specs.get(job);
        const runs = status.tasks.some(({ state }) => state === "running");
        if (runs && spec !== undefined) {
          await good.submit(spec);
          await setTimeout(150);
        }
        return status;
      },
    };
  }),
  eachTask("counts-one-attempt", "start.attempts", (task) => ({
    ...task,
    attempts: Math.min(1, task.attempts),
  })),
  tasking("drops-empty-arguments", "program.arguments", (task) => ({
    ...task,
    command: task.command.filter((part) => part !== ""),
  })),
  tasking("sets-no-variables", "program.environment", ({ env: _, ...task }) => task),
  tasking("starts-where-it-likes", "program.folder", ({ workingFolder: _, ...task }) => task),
  tasking("drops-errors", "program.output", (task) => ({
    ...task,
    command: task.command.length === 0 ? [] : ["sh", "-c", 'exec "$@" 2>/dev/null', "-", ...task.command],
  })),
  submitting("looks-for-programs-first", "program.missing", (job) => {
    const missing = job.tasks.find(
      ({ command: [program = ""] }) => program.startsWith("/") && !existsSync(program),
    );
    if (missing !== undefined) throw new RmtcError("RMTC_NOT_FOUND", `There is no ${missing.command[0]}.`);
    return job;
  }),
  showing("takes-a-limit-for-a-timeout", "end.succeeded", (status, spec) =>
    withTasks(status, (task) => {
      const { timeoutSeconds } = spec?.tasks.find(({ name }) => name === task.name) ?? {};
      return timeoutSeconds !== undefined && task.state === "succeeded" ? { ...task, state: "failed" } : task;
    }),
  ),
  tasking("retries-once-less", "end.retries", (task) => ({
    ...task,
    retries: task.retries !== undefined && task.retries > 0 ? task.retries - 1 : task.retries,
  })),
  eachTask("takes-code-0-after-a-timeout", "end.timeout", (task) =>
    task.name === "slow" && task.state === "failed" ? { ...task, state: "succeeded" } : task,
  ),
  eachTask("blocks-near-tasks-only", "end.blocked", (task) =>
    task.name === "far" && task.state === "blocked" ? { ...task, state: "waiting" } : task,
  ),
  showing("fails-at-the-first-failure", "end.job-state", (status) =>
    status.tasks.some(({ state }) => state === "failed") && status.state === "running"
      ? { ...status, state: "failed" }
      : status,
  ),
  eachTask("tells-no-exit-codes", "end.facts", ({ exitCode: _, ...task }) => task),
  eachTask("counts-lost-attempts-as-failures", "end.lost", (task) =>
    task.name === "only" && task.attempts === 2 ? { ...task, state: "failed" } : task,
  ),
  double("returns-before-the-end", "kill.ends", (good) => ({
    async kill(job, options) {
      const status = await good.status(job, options);
      void good.kill(job, options).catch(() => undefined);
      return status;
    },
  })),
  double("asks-once", "kill.stubborn", (good) => ({
    async kill(job, options) {
      const status = await good.status(job, options);
      if (status.tasks[0]?.name !== "stubborn") return await good.kill(job, options);
      return withTasks({ ...status, state: "cancelled" }, (task) => ({ ...task, state: "cancelled" }));
    },
  })),
  eachTask("takes-a-polite-end-for-success", "kill.cancelled", (task) =>
    task.name === "polite" && task.state === "cancelled" ? { ...task, state: "succeeded" } : task,
  ),
  double("cancels-what-has-ended", "kill.ended", (good) => ({
    kill: async (job, options) => ({ ...(await good.kill(job, options)), state: "cancelled" as const }),
  })),
  double("shows-a-retry-later", "retry.again", (good) => ({
    retry: async (job, options) => ({ ...(await good.retry(job, options)), state: "failed" as const }),
  })),
  double("retries-failures-only", "retry.killed", (good) => ({
    async retry(job, options) {
      const status = await good.status(job, options);
      if (status.state === "cancelled") throw new RmtcError("RMTC_STATE_INVALID", "The job was killed.");
      return await good.retry(job, options);
    },
  })),
  double("shrugs-at-retries", "retry.refused", (good) => ({
    retry: (job, options) =>
      good.retry(job, options).catch((error: unknown) => {
        if (!isRmtcError(error, "RMTC_STATE_INVALID")) throw error;
        return good.status(job);
      }),
  })),
  double("shows-nothing-of-unknown-jobs", "unknown.job", (good) => ({
    async *watch(job, options) {
      try {
        yield* good.watch(job, options);
      } catch (error) {
        if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
      }
    },
  })),
  double("has-empty-logs-of-anything", "unknown.element", (good) => ({
    async *logs(task, options) {
      await good.status(task.job, options);
      try {
        yield* good.logs(task, options);
      } catch (error) {
        if (!isRmtcError(error, "RMTC_NOT_FOUND")) throw error;
      }
    },
  })),
  double("says-it-twice", "watch.ends", (good) => ({
    async *watch(job, options) {
      for await (const status of good.watch(job, options)) {
        yield status;
        if (status.state !== "running") yield status;
      }
    },
  })),
  double("keeps-the-last-log", "logs.attempts", (good) => ({
    async *logs(task, options) {
      const { tasks } = await good.status(task.job);
      const { attempts = 0 } =
        tasks.find(({ name, index }) => name === task.task && index === (task.index ?? 0)) ?? {};
      let skipped = 0;
      for await (const chunk of good.logs(task, options)) if (attempts < 3 || ++skipped >= 3) yield chunk;
    },
  })),
  double("reads-logs-as-text", "logs.bytes", (good) => ({
    async *logs(task, options) {
      for await (const chunk of good.logs(task, options)) yield Buffer.from(Buffer.from(chunk).toString());
    },
  })),
  double("does-not-follow", "logs.follow", (good) => ({
    logs: (task, options) => good.logs(task, { ...options, follow: false }),
  })),
  double("always-follows", "logs.now", (good) => ({
    logs: (task, options) => good.logs(task, { ...options, follow: true }),
  })),
  double("lists-the-oldest-first", "list.pages", (good) => ({
    async list(request, options) {
      const page = await good.list(request, options);
      return { ...page, jobs: page.jobs.toReversed() };
    },
  })),
  double("clamps-limits", "list.refused", (good) => ({
    list: (request, options) =>
      good.list({ ...request, limit: Math.max(1, Math.floor(request.limit) || 1) }, options),
  })),
  double("knows-its-own-jobs-only", "lasting.submitter-ends", (good, instance) => {
    const own = new Set<string>();
    return {
      async submit(job, options) {
        const status = await good.submit(job, options);
        own.add(status.job);
        return status;
      },
      async *watch(job, options) {
        if (instance > 0 && !own.has(job)) throw new RmtcError("RMTC_NOT_FOUND", `There is no job ${job}.`);
        yield* good.watch(job, options);
      },
    };
  }),
  double("lists-nothing-of-others", "lasting.shared", (good, instance) => ({
    list: async (request, options) => (instance > 0 ? { jobs: [] } : await good.list(request, options)),
  })),
  eachTask("forgets-how-elements-ended", "lasting.killed", (task) =>
    task.exitCode === 9 ? { ...task, exitCode: undefined } : task,
  ),
  double("takes-what-it-finds-for-failed", "lasting.reopened", (good, instance) => ({
    async *watch(job, options) {
      for await (const status of good.watch(job, options)) {
        const isAnothers = instance > 0 && status.state === "succeeded";
        yield isAnothers && status.tasks.some(({ name }) => name === "last")
          ? { ...status, state: "failed" }
          : status;
      }
    },
  })),
  double("kills-with-its-watch", "aborted.watch-leaves-job", (good) => ({
    async *watch(job, options) {
      try {
        yield* good.watch(job, options);
      } catch (error) {
        if (options?.signal?.aborted === true) await good.kill(job);
        throw error;
      }
    },
  })),
  double("kills-with-its-log", "aborted.logs-leaves-job", (good) => ({
    async *logs(task, options) {
      try {
        yield* good.logs(task, options);
      } catch (error) {
        if (options?.signal?.aborted === true) await good.kill(task.job);
        throw error;
      }
    },
  })),
  ...traitDoubles({
    traits: schedulerTraits,
    isHeavy: async (good) => (await good.list({ limit: 1 })).jobs.some(({ tasks }) => tasks.length >= 300),
    alsoCaughtBy,
  }),
];

function tasking(id: string, breaks: string, change: (task: TaskSpec) => TaskSpec): Double<Scheduler> {
  return submitting(id, breaks, (job) => ({ ...job, tasks: job.tasks.map(change) }));
}

function submitting(id: string, breaks: string, change: (job: JobSpec) => JobSpec): Double<Scheduler> {
  return double(id, breaks, (good) => ({
    submit: async (job, options) => await good.submit(change(job), options),
  }));
}

function eachTask(id: string, breaks: string, change: (task: TaskStatus) => TaskStatus): Double<Scheduler> {
  return showing(id, breaks, (status) => withTasks(status, change));
}

/** A double that shows every status otherwise. */
function showing(
  id: string,
  breaks: string,
  change: (status: JobStatus, spec: JobSpec | undefined) => JobStatus,
): Double<Scheduler> {
  return double(id, breaks, (good) => {
    const specs = new Map<string, JobSpec>();
    const show = (status: JobStatus): JobStatus => change(status, specs.get(status.job));
    return {
      async submit(job, options) {
        const status = await good.submit(job, options);
        specs.set(status.job, job);
        return show(status);
      },
      status: async (job, options) => show(await good.status(job, options)),
      async list(request, options) {
        const page = await good.list(request, options);
        return { ...page, jobs: page.jobs.map(show) };
      },
      async *watch(job, options) {
        for await (const status of good.watch(job, options)) yield show(status);
      },
      kill: async (job, options) => show(await good.kill(job, options)),
      retry: async (job, options) => show(await good.retry(job, options)),
    };
  });
}

function withTasks(status: JobStatus, change: (task: TaskStatus) => TaskStatus): JobStatus {
  return { ...status, tasks: status.tasks.map(change) };
}

function double(id: string, breaks: string, alter: Double<Scheduler>["alter"]): Double<Scheduler> {
  return { id, breaks: `scheduler.${breaks}`, alsoCaughtBy: alsoCaughtBy[id] ?? [], alter };
}
