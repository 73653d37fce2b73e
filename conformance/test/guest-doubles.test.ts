// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validateDocument } from "@rmtc/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GuestCase } from "../src/guest/guest-case.ts";
import { guestCases } from "../src/guest/guest-cases.ts";
import type { GuestCommandLine } from "../src/guest/guest-talk.ts";
import { describeGuest, runGuestCase, runGuestCases } from "../src/guest/run-guest-cases.ts";
import type { CaseOutcome } from "../src/run-case.ts";

const script = fileURLToPath(new URL("./doubles/guest/good-guest.ts", import.meta.url));
/** How many cases run at once: they wait for processes most of the time. */
const casesAtOnce = 2;

/** For each deed of a double, the cases that catch it; the first is the one that the deed breaks. */
const doubles: Readonly<Record<string, readonly string[]>> = {
  greets: ["guest.handshake.first-word"],
  "speaks-any-version": ["guest.handshake.no-common-version"],
  "serves-a-role-twice": ["guest.handshake.one-for-each-role"],
  "declares-what-is-not-registered": ["guest.open.capabilities"],
  "declares-more-each-time": ["guest.open.capabilities"],
  "knows-every-parameter": ["guest.messages.unknown-parameters"],
  "complains-of-notifications": ["guest.messages.unknown-notification"],
  "remembers-cancels": ["guest.messages.late-cancel"],
  "answers-the-cancelled-twice": ["guest.messages.answered-once", "guest.messages.late-cancel"],
  "sends-lines-of-any-length": ["guest.messages.long-result"],
  "works-in-turn": ["guest.messages.while-working"],
  "closes-all": ["guest.instances.independent"],
  "closes-none": ["guest.instances.independent"],
  "gives-one-handle-twice": ["guest.instances.independent"],
  "knows-its-streams-only": ["guest.streams.over"],
  "calls-back-for-ever": ["guest.callbacks.over"],
  "hands-out-too-much": ["guest.bytes.pages"],
  "hands-out-nothing": ["guest.bytes.pages"],
  "writes-elsewhere": ["guest.bytes.named-file"],
  "begins-anywhere": ["guest.bytes.aligned"],
  "promises-more": ["guest.bytes.within-file"],
  "numbers-nothing": ["guest.messages.own-ids"],
  stays: ["guest.ending.by-itself", "guest.ending.folder"],
  "leaves-the-folder": ["guest.ending.folder"],
  "keeps-at-the-end": ["guest.ending.kept"],
};

function commandOf(deed: string, ...more: readonly string[]): GuestCommandLine {
  return { command: [process.execPath, script, deed, ...more], folder: import.meta.dirname };
}

/** Runs cases, several at once, and returns their outcomes by id. */
async function outcomesOf(
  command: GuestCommandLine | ((id: string) => GuestCommandLine),
  cases: readonly GuestCase[],
): Promise<ReadonlyMap<string, CaseOutcome>> {
  const commandFor = typeof command === "function" ? command : () => command;
  const guest = await describeGuest(commandFor("description"));
  const queue = cases.values();
  const outcomes = new Map<string, CaseOutcome>();
  const runQueue = async (): Promise<void> => {
    for (const one of queue) {
      outcomes.set(one.id, await runGuestCase(one, commandFor(one.id), guest, { timeoutSeconds: 20 }));
    }
  };
  await Promise.all(Array.from({ length: casesAtOnce }, runQueue));
  return outcomes;
}

let folder = "";
/** The deeds that the guest asks for in each case. A double can only matter to cases that ask for its deed. */
const asked = new Map<string, string>();
let good: ReadonlyMap<string, CaseOutcome> = new Map();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-guest-doubles-"));
  good = await outcomesOf((id) => commandOf("nothing", join(folder, id)), guestCases);
  for (const { id } of guestCases) asked.set(id, await readFile(join(folder, id), "utf8"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("doubles of guests", () => {
  test("are made from one that passes every case", () => {
    expect([...good].filter(([, { status }]) => status !== "pass")).toEqual([]);
  });

  test("leave no case that catches none of them", () => {
    const caught = new Set(Object.values(doubles).map(([first]) => first));
    expect(guestCases.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  });

  test.concurrent.each(Object.entries(doubles))(
    "one that %s is caught by the cases it names and by no other",
    async (deed, cases) => {
      const matter = guestCases.filter(({ id }) => asked.get(id)?.split("\n").includes(deed));
      const outcomes = [...(await outcomesOf(commandOf(deed), matter))];
      expect(outcomes.filter(([, { status }]) => status === "error")).toEqual([]);
      const caught = outcomes.flatMap(([id, { status }]) => (status === "fail" ? [id] : []));
      expect(caught.sort()).toEqual([...cases].sort());
    },
  );
});

test("a report on a guest matches its schema, and a part of the cases is no evidence", async () => {
  const options = { prefix: "guest.handshake." };
  const report = await runGuestCases(commandOf("nothing"), options);
  expect(report).toMatchObject({ role: "guest", conforms: false, counts: { pass: 3, fail: 0, error: 0 } });
  expect(validateDocument("conformanceReport", report)).toBeUndefined();
});

test("a program that is no guest is refused", async () => {
  const command = { command: [process.execPath, "-e", "console.log('hello')"], folder: import.meta.dirname };
  await expect(runGuestCases(command)).rejects.toMatchObject({ code: "RMTC_EXTENSION_INVALID" });
});
