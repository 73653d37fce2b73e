// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type JobSpec, RmtcError } from "@rmtc/contract";
import { isSystemError } from "./fs-error.ts";
import type { AttemptReference } from "./job-event.ts";

/** A job as it lies in its folder's `job.json`, which never changes. */
export interface StoredJob {
  readonly id: string;
  readonly submittedAt: string;
  /** The submitter's working folder, in which tasks start that name none. */
  readonly workingFolder: string;
  readonly spec: JobSpec;
}

/** Ids sort by the time of submission: milliseconds since 1970 and 32 random bits, in hexadecimal. */
const JOB_ID = /^[0-9a-f]{12}-[0-9a-f]{8}$/;

/** Returns a new id for a job. */
export function newJobId(): string {
  return `${Date.now().toString(16).padStart(12, "0")}-${randomBytes(4).toString("hex")}`;
}

export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

/** Returns the folder of a job. The id must be well formed. */
export function jobFolder(folder: string, id: string): string {
  return join(folder, "jobs", id);
}

/** Returns the path of a job's journal, to which lines are added. */
export function journalPath(folder: string, id: string): string {
  return join(jobFolder(folder, id), "journal.jsonl");
}

/** Returns the folder of a job's logs. */
export function logFolder(folder: string, id: string): string {
  return join(jobFolder(folder, id), "logs");
}

/** Returns the path of what one attempt printed. */
export function logPath(folder: string, id: string, attempt: AttemptReference): string {
  return join(logFolder(folder, id), `${attemptName(attempt)}.log`);
}

/** Returns the path, without suffix, of the files that tell how one attempt's process does. */
export function attemptPath(folder: string, id: string, attempt: AttemptReference): string {
  return join(jobFolder(folder, id), "attempts", attemptName(attempt));
}

/** Returns the path of the file whose times change when the supervisor is to look around. */
export function bellPath(folder: string): string {
  return join(folder, "supervisor.bell");
}

/** Returns the path of the empty file that says a job has not ended. */
export function activePath(folder: string, id: string): string {
  return join(folder, "active", id);
}

/**
 * Stores a new job, whole or not at all. It counts as active before it is there, so that a supervisor that
 * looks in between never overlooks it.
 */
export async function storeJob(folder: string, job: StoredJob): Promise<void> {
  const temp = join(folder, "tmp", job.id);
  await mkdir(join(folder, "active"), { recursive: true });
  await writeFile(activePath(folder, job.id), "");
  try {
    await mkdir(join(temp, "logs"), { recursive: true });
    await mkdir(join(temp, "attempts"));
    await writeFile(join(temp, "journal.jsonl"), "");
    await writeFile(join(temp, "job.json"), JSON.stringify(job), { flush: true });
    await syncFolder(temp);
    await mkdir(join(folder, "jobs"), { recursive: true });
    await rename(temp, jobFolder(folder, job.id));
    await syncFolder(join(folder, "jobs"));
    await syncFolder(join(folder, "active"));
  } catch (error) {
    await rm(temp, { recursive: true, force: true });
    await rm(activePath(folder, job.id), { force: true });
    throw error;
  }
}

/**
 * Reads a stored job.
 *
 * @throws RMTC_NOT_FOUND when there is none with that id.
 * @throws RMTC_STORE_DAMAGED when its file is no job.
 */
export async function readJob(folder: string, id: string): Promise<StoredJob> {
  const path = join(jobFolder(folder, id), "job.json");
  const job = isJobId(id) ? await readText(path) : undefined;
  if (job === undefined) {
    throw new RmtcError("RMTC_NOT_FOUND", `There is no job “${id}” in ${folder}; list the jobs there.`, {
      subject: id,
    });
  }
  return parseJob(job, path);
}

/** Lists the ids of all jobs, the newest first. */
export async function listJobIds(folder: string): Promise<readonly string[]> {
  return (await namesIn(join(folder, "jobs"))).filter(isJobId).sort().reverse();
}

/** Lists the ids of the jobs that have not ended, the oldest first. */
export async function listActiveIds(folder: string): Promise<readonly string[]> {
  return (await namesIn(join(folder, "active"))).filter(isJobId).sort();
}

function attemptName({ task, index, attempt }: AttemptReference): string {
  return `${task}-${index}-${attempt}`;
}

function parseJob(text: string, path: string): StoredJob {
  try {
    const job = JSON.parse(text) as Partial<StoredJob> | null;
    if (typeof job?.id === "string" && Array.isArray(job.spec?.tasks)) return job as StoredJob;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RmtcError("RMTC_STORE_DAMAGED", `${path} is no job; remove its folder or restore it.`, {
    subject: path,
  });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}
