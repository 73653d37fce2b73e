// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { failedBy, withTimeout } from "./case-failure.ts";
import type { CaseContext, ConformanceCase, TestedInstance } from "./conformance-case.ts";
import type { CaseStatus } from "./report.ts";
import type { Subject, SubjectFactory } from "./subject.ts";
import { TempFolders } from "./temp-folders.ts";

/** How cases are run. */
export interface RunCaseOptions {
  /** The part of the full amounts of data to use, above 0 to 1; 1 unless given. A suite that tests itself uses less. */
  readonly scale?: number | undefined;
  /** After which a case ends in `error`; 120 unless given. */
  readonly timeoutSeconds?: number | undefined;
}

/** What became of one run of a case. */
export interface CaseOutcome {
  readonly status: CaseStatus;
  /** Why it is not `pass`. */
  readonly message?: string | undefined;
  /** What was thrown. */
  readonly error?: unknown;
  readonly durationSeconds: number;
}

/**
 * Runs one case against a fresh subject, and closes and removes everything that was opened for it.
 *
 * It never throws: a failed assertion, or an error that the store itself gave, is `fail`; whatever else goes
 * wrong is `error`.
 */
export async function runCase<S extends TestedInstance>(
  one: ConformanceCase<S>,
  factory: SubjectFactory<S>,
  options: RunCaseOptions = {},
): Promise<CaseOutcome> {
  const start = performance.now();
  const outcome = await attempt(one, factory, options);
  return { ...outcome, durationSeconds: (performance.now() - start) / 1_000 };
}

type Attempt = Omit<CaseOutcome, "durationSeconds">;

async function attempt<S extends TestedInstance>(
  one: ConformanceCase<S>,
  factory: SubjectFactory<S>,
  options: RunCaseOptions,
): Promise<Attempt> {
  const folders = new TempFolders();
  const opened: S[] = [];
  let subject: Subject<S> | undefined;
  let result: Attempt;
  try {
    subject = await factory(folders.make());
    opened.push(subject.store);
    const reason = whyUnsupported(one, subject);
    if (reason !== undefined) result = { status: "unsupported", message: reason };
    else {
      const context = contextOf(subject, folders, opened, options.scale ?? 1);
      await withTimeout(one.run(context), options.timeoutSeconds ?? 120);
      result = { status: "pass" };
    }
  } catch (error) {
    result = failedBy(error);
  }
  const closers = [
    ...opened.map((store) => () => store[Symbol.asyncDispose]()),
    async () => subject?.dispose?.(),
  ];
  for (const close of [...closers, () => folders.remove()]) {
    try {
      await close();
    } catch (error) {
      if (result.status === "pass") result = failedBy(error, "Closing failed: ");
    }
  }
  return result;
}

function contextOf<S extends TestedInstance>(
  subject: Subject<S>,
  folders: TempFolders,
  opened: S[],
  scale: number,
): CaseContext<S> {
  const { store, reopen, damage, kill, fixture = {} } = subject;
  const open = async (): Promise<S> => {
    if (reopen === undefined) {
      throw new Error(`${store.name}'s factory must give \`reopen\`, because of the store's capabilities.`);
    }
    const another = await reopen();
    opened.push(another);
    return another;
  };
  let folder: string | undefined;
  return {
    store,
    fixture,
    get folder() {
      folder ??= folders.make();
      return folder;
    },
    open,
    async reopen() {
      await store[Symbol.asyncDispose]();
      return open();
    },
    async damage(id) {
      await damage?.(id);
    },
    async kill() {
      await kill?.();
    },
    size: (full, least = 1) => Math.max(least, Math.round(full * scale)),
  };
}

function whyUnsupported<S extends TestedInstance>(
  one: ConformanceCase<S>,
  subject: Subject<S>,
): string | undefined {
  if (one.when?.(subject.store.capabilities, subject.fixture ?? {}) === false) {
    return "It does not declare the capability, or the factory does not bring what the case needs.";
  }
  if (one.needsDamage === true && subject.damage === undefined) {
    return "The factory has no way to damage stored bytes.";
  }
  if (one.needsKill === true && subject.kill === undefined) {
    return "The factory has no way to kill the processes that work for it.";
  }
  return undefined;
}
