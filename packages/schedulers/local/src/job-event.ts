// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** Names one start of one element of a task array; `task` is its place in the job's list of tasks. */
export interface AttemptReference {
  readonly task: number;
  readonly index: number;
  /** 1 for the first start. */
  readonly attempt: number;
}

/**
 * One line of a job's journal. Whoever reads the lines in order knows the state of the job; a line that does
 * not fit the state before it means nothing.
 */
export type JobEvent =
  /** The supervisor is about to start a task. */
  | ({ readonly type: "start"; readonly at: string } & AttemptReference)
  /** A task ran for too long; it is being killed. */
  | ({ readonly type: "timeout"; readonly at: string } & AttemptReference)
  /** A task's process ended; without a code when it could not be started or was killed outright. */
  | ({ readonly type: "end"; readonly at: string; readonly exitCode?: number | undefined } & AttemptReference)
  /** A task's process was gone when a new supervisor looked for it, and nothing says how it ended. */
  | ({ readonly type: "lost"; readonly at: string } & AttemptReference)
  /** Somebody killed the job. */
  | { readonly type: "kill"; readonly at: string }
  /** Somebody retried the job. */
  | { readonly type: "retry"; readonly at: string };

/** Reads a line of a journal; a line that a killed process left half written is `undefined`. */
export function parseJobEvent(line: string): JobEvent | undefined {
  let event: Partial<JobEvent & AttemptReference> | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    return undefined;
  }
  if (typeof event !== "object" || event === null || typeof event.at !== "string") return undefined;
  switch (event.type) {
    case "kill":
    case "retry":
      return event as JobEvent;
    case "start":
    case "timeout":
    case "end":
    case "lost": {
      const { task, index, attempt } = event;
      return [task, index, attempt].every(Number.isSafeInteger) ? (event as JobEvent) : undefined;
    }
    default:
      return undefined;
  }
}
