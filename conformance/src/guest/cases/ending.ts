// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { makeRecord, newRecordId, sha256 } from "@rmtc/attest";
import { sampleBytes } from "../../cases/support/bytes.ts";
import type { TestedRole } from "../../conformance-case.ts";
import type { GuestCase } from "../guest-case.ts";
import type { GuestTalk } from "../guest-talk.ts";
import { writeBlob } from "./bytes.ts";

/** So long a guest may take to end. */
const endSeconds = 5;

/** For each role that can be durable, how something is kept, and how it is seen again. */
const kept: Readonly<Partial<Record<TestedRole, Keep>>> = {
  recordStore: () => {
    const record = makeRecord({ kind: "asset", name: "kept" });
    return {
      keep: (talk, instance) => talk.ask("recordStore/put", { instance, request: { records: [record] } }),
      async isKept(talk, instance) {
        const found = await talk.ask("recordStore/get", { instance, request: { ids: [record.id] } });
        return JSON.stringify(found).includes(record.id);
      },
    };
  },
  blobStore: () => {
    const bytes = sampleBytes(1_000);
    return {
      keep: (talk, instance) => writeBlob(talk, instance, bytes),
      async isKept(talk, instance) {
        const digests = [sha256(bytes)];
        const found = await talk.ask("blobStore/status", { instance, digests });
        return (found as readonly { readonly state: string }[])[0]?.state === "stored";
      },
    };
  },
  runStore: () => {
    const run = newRecordId();
    return {
      keep: (talk, instance) => talk.ask("runStore/openRun", { instance, request: { run } }),
      async isKept(talk, instance) {
        const found = await talk.ask("runStore/getRuns", { instance, runs: [run] });
        return (found as readonly unknown[])[0] !== null;
      },
    };
  },
};

type Keep = () => {
  readonly keep: (talk: GuestTalk, instance: number) => Promise<unknown>;
  readonly isKept: (talk: GuestTalk, instance: number) => Promise<boolean>;
};

/** How a guest ends, and what it leaves. */
export const endingCases: readonly GuestCase[] = [
  {
    id: "guest.ending.by-itself",
    level: "must",
    spec: "wire.md#rmtc-wir-090",
    title: "ends within 5 s of the end of its input",
    async run({ guest, begin, open }) {
      const talk = await begin();
      for (const { role } of guest.extensions) {
        await talk.ask("close", { instance: (await open(talk, role)).instance });
      }
      assert.ok(await talk.endsWithin(endSeconds), "it runs on");
    },
  },
  {
    id: "guest.ending.folder",
    level: "must",
    spec: "wire.md#rmtc-wir-080",
    title: "removes the exchange folder when its input ends while an instance is open",
    async run({ guest, begin, open }) {
      const talk = await begin();
      for (const { role } of guest.extensions) await open(talk, role);
      assert.ok(await talk.endsWithin(endSeconds), "it runs on");
      const isThere = await access(talk.exchange).then(
        () => true,
        () => false,
      );
      assert.ok(!isThere, "the folder is still there");
    },
  },
  {
    id: "guest.ending.kept",
    level: "must",
    spec: "wire.md#rmtc-wir-092",
    title: "keeps what it has acknowledged although it is killed before its input ends",
    when: ({ capabilities }) => durableRoles(capabilities).length > 0,
    async run({ guest, begin, open }) {
      for (const role of durableRoles(guest.capabilities)) {
        const { keep, isKept } = (kept[role] as Keep)();
        const talk = await begin();
        await keep(talk, (await open(talk, role)).instance);
        await talk.kill();
        const again = await begin();
        assert.ok(await isKept(again, (await open(again, role)).instance), `a ${role} has lost it`);
      }
    },
  },
];

function durableRoles(
  capabilities: Readonly<Partial<Record<TestedRole, Readonly<Record<string, unknown>>>>>,
): readonly TestedRole[] {
  return (Object.keys(kept) as TestedRole[]).filter((role) => capabilities[role]?.durable === true);
}
