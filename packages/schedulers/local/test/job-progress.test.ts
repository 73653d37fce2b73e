// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TaskSpec, TaskState } from "@rmtc/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JobEvent, parseJobEvent } from "../src/job-event.ts";
import { JobProgress } from "../src/job-progress.ts";

const at = "2026-11-23T10:00:00.000Z";
const tasks: readonly TaskSpec[] = [
  { name: "ingest", command: ["true"], count: 2, retries: 1 },
  { name: "train", command: ["true"], after: ["ingest"] },
  { name: "infer", command: ["true"], after: ["train"], count: 2 },
  { name: "report", command: ["true"] },
];

const attempt = {
  at: fc.constant(at),
  task: fc.integer({ min: 0, max: 4 }),
  index: fc.integer({ min: 0, max: 2 }),
  attempt: fc.integer({ min: 1, max: 3 }),
};
/** Any line at all, in any order: most fit nothing. */
const event: fc.Arbitrary<JobEvent> = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant("start" as const), ...attempt }), weight: 5 },
  {
    arbitrary: fc.record({
      type: fc.constant("end" as const),
      ...attempt,
      exitCode: fc.constantFrom(0, 0, 1, undefined),
    }),
    weight: 5,
  },
  fc.record({ type: fc.constantFrom("timeout" as const, "lost" as const), ...attempt }),
  fc.record({ type: fc.constantFrom("kill" as const, "retry" as const), at: fc.constant(at) }),
);

test("keeps to the order of the graph and counts each start, whatever the journal says", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const progress = newProgress();
      for (const one of events) {
        const before = progress.status();
        progress.apply(one);
        const after = progress.status();
        for (const [place, task] of after.tasks.entries()) {
          const old = before.tasks[place];
          const starts = task.attempts - (old?.attempts ?? 0);
          expect(starts).toBe(
            one.type === "start" && old?.state === "waiting" && task.state === "running" ? 1 : 0,
          );
          const names = tasks.find(({ name }) => name === task.name)?.after ?? [];
          const isAfter = after.tasks.filter(({ name }) => names.includes(name));
          if (task.state === "running" || task.state === "succeeded") {
            expect(isAfter.every(({ state }) => state === "succeeded")).toBe(true);
          }
          if (task.state === "blocked") {
            expect(isAfter.some(({ state }) => state === "failed" || state === "blocked")).toBe(true);
          }
        }
        const open = after.tasks.some(({ state }) => state === "waiting" || state === "running");
        expect(after.state === "running").toBe(open);
        expect(progress.ended).toBe(!open);
      }
    }),
  );
});

test("ends every job when what is ready is started and what runs ends", () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 50 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 1 })),
      (events, codes) => {
        const progress = newProgress();
        for (const one of events) progress.apply(one);
        for (let step = 0; !progress.ended; step += 1) {
          expect(step).toBeLessThan(20);
          for (const element of progress.elements()) {
            const { task, index, attempts } = element;
            if (element.state === "running") {
              progress.apply({
                type: "end",
                at,
                task,
                index,
                attempt: attempts,
                exitCode: codes.next().value,
              });
            } else if (progress.isReady(element)) {
              progress.apply({ type: "start", at, task, index, attempt: attempts + 1 });
            }
          }
        }
        const states = new Set<TaskState>(progress.status().tasks.map(({ state }) => state));
        expect(states.has("waiting") || states.has("running")).toBe(false);
      },
    ),
  );
});

test("starts nothing that comes after a kill in the journal", () => {
  const progress = newProgress();
  progress.apply({ type: "start", at, task: 0, index: 0, attempt: 1 });
  progress.apply({ type: "kill", at });
  progress.apply({ type: "start", at, task: 3, index: 0, attempt: 1 });
  expect(progress.status().tasks.map(({ state }) => state)).toEqual([
    "running",
    ...Array(5).fill("cancelled"),
  ]);
  progress.apply({ type: "end", at, task: 0, index: 0, attempt: 1, exitCode: 0 });
  const { state, tasks: ended } = progress.status();
  expect(state).toBe("cancelled");
  expect(ended[0]).toMatchObject({ state: "cancelled", exitCode: 0 });
});

test("takes no line for an event that is none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      const parsed = parseJobEvent(line);
      if (parsed !== undefined) newProgress().apply(parsed);
    }),
  );
  for (const line of [
    '{"type":"start","at":1}',
    '{"type":"end","at":"","task":0.5,"index":0,"attempt":1}',
    "null",
  ]) {
    expect(parseJobEvent(line)).toBeUndefined();
  }
});

function newProgress(): JobProgress {
  return new JobProgress({
    id: "0123456789ab-01234567",
    submittedAt: at,
    workingFolder: "/",
    spec: { name: "shot", tasks },
  });
}
