// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { join } from "node:path";
import { RmtcError } from "@rmtc/contract";
import { failedBy, withTimeout } from "../case-failure.ts";
import type { TestedRole } from "../conformance-case.ts";
import type { Fixture } from "../fixture.ts";
import { makeReport } from "../make-report.ts";
import type { CaseResult, ConformanceReport } from "../report.ts";
import type { CaseOutcome } from "../run-case.ts";
import { TempFolders } from "../temp-folders.ts";
import {
  type GuestCase,
  type GuestCaseContext,
  type GuestDescription,
  handshake,
  type OpenedInstance,
} from "./guest-case.ts";
import { guestCases } from "./guest-cases.ts";
import { type GuestCommandLine, GuestTalk } from "./guest-talk.ts";

/** How the cases about guests are run. */
export interface RunGuestCasesOptions {
  /** What every instance is opened with; `{}` unless given. */
  readonly options?: unknown;
  readonly fixture?: Fixture | undefined;
  /** Only the cases whose id starts with this. */
  readonly prefix?: string | undefined;
  /** After which a case ends in `error`; 60 unless given. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Runs every case about guests against a program, each with a fresh process, and reports on all of them.
 *
 * @throws RMTC_EXTENSION_INVALID when the program opens no instance at all.
 */
export async function runGuestCases(
  command: GuestCommandLine,
  options: RunGuestCasesOptions = {},
): Promise<ConformanceReport> {
  const { prefix = "" } = options;
  const startedAt = new Date();
  const guest = await describeGuest(command, options);
  const cases: CaseResult[] = [];
  for (const one of guestCases.filter(({ id }) => id.startsWith(prefix))) {
    const { id, level, spec, title } = one;
    const { status, message, durationSeconds } = await runGuestCase(one, command, guest, options);
    cases.push({
      id,
      level,
      spec,
      title,
      status,
      ...(message === undefined ? {} : { message }),
      durationSeconds,
    });
  }
  const [first] = guest.extensions;
  return makeReport({
    role: "guest",
    subject: {
      name: guest.extensions.map(({ role }) => role).join(", "),
      ...(first === undefined ? {} : { extension: first.name, extensionVersion: first.version }),
      capabilities: {},
    },
    startedAt,
    cases,
    isWhole: prefix === "",
  });
}

/** Runs one case; it never throws. */
export async function runGuestCase(
  one: GuestCase,
  command: GuestCommandLine,
  guest: GuestDescription,
  options: RunGuestCasesOptions = {},
): Promise<CaseOutcome> {
  const start = performance.now();
  const took = (): number => (performance.now() - start) / 1_000;
  if (one.when?.(guest) === false) {
    const message = "The guest serves no role that shows it, or does not declare the ability.";
    return { status: "unsupported", message, durationSeconds: took() };
  }
  try {
    const run = (context: TalkContext): Promise<void> => one.run({ ...context, guest });
    await withTalks(command, options, (context) => withTimeout(run(context), options.timeoutSeconds ?? 60));
    return { status: "pass", durationSeconds: took() };
  } catch (error) {
    return { ...failedBy(error), durationSeconds: took() };
  }
}

/** Asks a guest what it serves, and opens one instance of each. */
export async function describeGuest(
  command: GuestCommandLine,
  options: RunGuestCasesOptions = {},
): Promise<GuestDescription> {
  try {
    return await withTalks(command, options, async ({ start, open }) => {
      const talk = await start();
      const { extensions } = (await talk.ask("initialize", handshake(talk.exchange))) as GuestDescription;
      const opened = extensions.map(
        async ({ role }) => [role, (await open(talk, role)).capabilities] as const,
      );
      return { extensions, capabilities: Object.fromEntries(await Promise.all(opened)) };
    });
  } catch (error) {
    throw new RmtcError("RMTC_EXTENSION_INVALID", `The guest cannot be opened: ${failedBy(error).message}`, {
      subject: command.command.join(" "),
      cause: error,
    });
  }
}

type TalkContext = Omit<GuestCaseContext, "guest">;

/** Runs work that starts guests, and ends and removes whatever it leaves. */
async function withTalks<Result>(
  command: GuestCommandLine,
  { options = {}, fixture = {} }: RunGuestCasesOptions,
  work: (context: TalkContext) => Promise<Result>,
): Promise<Result> {
  const folders = new TempFolders();
  const talks: GuestTalk[] = [];
  const folder = folders.make();
  const start = async (): Promise<GuestTalk> => {
    const talk = await GuestTalk.start(command, join(folders.make(), "exchange"));
    talks.push(talk);
    return talk;
  };
  const begin = async (limits?: { readonly lineBytes: number }): Promise<GuestTalk> => {
    const talk = await start();
    await talk.ask("initialize", { ...handshake(talk.exchange), ...(limits && { limits }) });
    return talk;
  };
  const open = async (talk: GuestTalk, role: TestedRole): Promise<OpenedInstance> =>
    (await talk.ask("open", { role, options, baseFolder: folder })) as OpenedInstance;
  try {
    return await work({ fixture, folder, start, begin, open });
  } finally {
    await Promise.all(talks.map((talk) => talk.kill()));
    await folders.remove();
  }
}
