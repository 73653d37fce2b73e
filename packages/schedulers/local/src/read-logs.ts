// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FileHandle, open } from "node:fs/promises";
import { RmtcError, type TaskReference } from "@rmtc/contract";
import { FileChanges } from "./file-changes.ts";
import { isSystemError } from "./fs-error.ts";
import { journalPath, logFolder, logPath } from "./job-folder.ts";
import { JobObserver } from "./job-observer.ts";
import type { JobProgress, TaskProgress } from "./job-progress.ts";

const CHUNK_BYTES = 64 * 1024;
const POLL_MS = 1000;

/** Streams what all attempts of a task printed, one after the other; with `follow`, until the task ends. */
export async function* readLogs(
  folder: string,
  reference: TaskReference,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { job } = reference;
  signal.throwIfAborted();
  await using observer = await JobObserver.open(folder, job);
  const element = findElement(observer.progress, reference);
  using changes = new FileChanges(follow ? [journalPath(folder, job), logFolder(folder, job)] : [], POLL_MS);
  for (let attempt = 1; ; attempt += 1) {
    const { task, index } = element;
    const path = logPath(folder, job, { task, index, attempt });
    let position = 0;
    for (;;) {
      // Whatever an attempt printed is in its log before the journal says that it is over.
      await observer.refresh();
      const over = isOver(element, attempt);
      for await (const chunk of readFrom(path, position, signal)) {
        position += chunk.byteLength;
        yield chunk;
      }
      if (over || !follow) break;
      await changes.next({ signal });
    }
    if (attempt >= element.attempts && (!follow || isFinal(element))) return;
  }
}

function findElement(progress: JobProgress, reference: TaskReference): TaskProgress {
  const { job, task, index = 0 } = reference;
  const place = progress.job.spec.tasks.findIndex(({ name }) => name === task);
  const element = progress.find(place, index);
  if (element !== undefined) return element;
  throw new RmtcError("RMTC_NOT_FOUND", `Job ${job} has no task “${task}” with index ${index}.`, {
    subject: task,
  });
}

function isFinal({ state }: TaskProgress): boolean {
  return state !== "waiting" && state !== "running";
}

function isOver(element: TaskProgress, attempt: number): boolean {
  if (attempt < element.attempts || isFinal(element)) return true;
  return attempt === element.attempts && element.state === "waiting";
}

/** Yields the bytes of a file from a position on; none if it does not exist yet. */
async function* readFrom(
  path: string,
  position: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return;
    throw error;
  }
  try {
    for (let at = position; ; ) {
      signal.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
