// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { TestedRole } from "../../conformance-case.ts";
import { type GuestCase, handshake } from "../guest-case.ts";
import { lightRequests, longRequests, roleAmong } from "../role-requests.ts";

/** The least that a side may take as its limit. */
const leastLineBytes = 65_536;

/** How a guest takes what it is sent, and answers. */
export const messagesCases: readonly GuestCase[] = [
  {
    id: "guest.messages.unknown-parameters",
    level: "must",
    spec: "wire.md#rmtc-wir-013",
    title: "ignores parameters that it does not know",
    async run({ guest, start, open }) {
      const talk = await start();
      const unknown = { ACME_hint: { of: "a later version" } };
      await talk.ask("initialize", { ...handshake(talk.exchange), ...unknown });
      for (const { role } of guest.extensions) {
        const { instance } = await open(talk, role);
        const { method, params } = lightRequests[role];
        const plain = await talk.request(method, { instance, ...params });
        const extended = await talk.request(method, { instance, ...params, ...unknown });
        assert.equal(extended.error?.data?.code, plain.error?.data?.code, `${method} answers otherwise`);
        assert.equal("result" in extended, "result" in plain, `${method} answers otherwise`);
        await talk.ask("close", { instance, ...unknown });
      }
    },
  },
  {
    id: "guest.messages.unknown-notification",
    level: "must",
    spec: "wire.md#rmtc-wir-016",
    title: "ignores a notification that it does not know",
    async run({ begin }) {
      const talk = await begin();
      const before = talk.heard.length;
      talk.notify("acme/hello", { of: "a later version" });
      talk.notify("farewell");
      await talk.ask("end", { stream: 1 });
      assert.equal(talk.heard.length, before + 1, "it said something to a notification");
    },
  },
  {
    id: "guest.messages.late-cancel",
    level: "must",
    spec: "wire.md#rmtc-wir-053",
    title: "ignores a cancel of a request that was answered, or that never was",
    async run({ guest, begin, open }) {
      const talk = await begin();
      const [role] = guest.extensions.map((one) => one.role) as [TestedRole];
      const { instance } = await open(talk, role);
      const { method, params } = lightRequests[role];
      const plain = await talk.request(method, { instance, ...params });
      talk.notify("cancel", { id: talk.lastId });
      const later = talk.lastId + 1_000;
      talk.notify("cancel", { id: later });
      const answer = await talk.request(method, { instance, ...params }, later);
      assert.equal(answer.error?.code, plain.error?.code, "a request that was sent afterwards was cancelled");
      await talk.ask("close", { instance });
      assert.equal(talk.heard.filter(({ id }) => id === later).length, 1);
    },
  },
  {
    id: "guest.messages.answered-once",
    level: "must",
    spec: "wire.md#rmtc-wir-011",
    title: "answers every request exactly once, also when it was cancelled",
    async run({ guest, begin, open }) {
      const talk = await begin();
      for (const { role } of guest.extensions) {
        const { instance } = await open(talk, role);
        const { method, params } = lightRequests[role];
        const requests = Array.from({ length: 6 }, (_, index) => {
          const answer = talk.request(method, { instance, ...params });
          if (index % 2 === 0) talk.notify("cancel", { id: talk.lastId });
          return answer;
        });
        const ids = (await Promise.all(requests)).map(({ id }) => id);
        await talk.ask("close", { instance });
        for (const one of ids) assert.equal(talk.heard.filter(({ id }) => id === one).length, 1);
      }
    },
  },
  {
    id: "guest.messages.long-result",
    level: "must",
    spec: "wire.md#rmtc-wir-066",
    title: "fails with RMTC_LIMIT_EXCEEDED where a result is longer than the host takes",
    when: (guest) => roleAmong(guest, longRequests) !== undefined,
    async run({ guest, begin, open }) {
      const role = roleAmong(guest, longRequests) as TestedRole;
      const { method, params } = longRequests[role] ?? lightRequests[role];
      const wide = await begin();
      const result = await wide.ask(method, { ...(await instanceOf(open(wide, role))), ...params });
      assert.ok(JSON.stringify(result).length > leastLineBytes, "the suite asked for too little");
      const narrow = await begin({ lineBytes: leastLineBytes });
      const asked = { ...(await instanceOf(open(narrow, role))), ...params };
      const { error } = await narrow.request(method, asked);
      assert.equal(error?.data?.code, "RMTC_LIMIT_EXCEEDED");
    },
  },
];

async function instanceOf(
  opened: Promise<{ readonly instance: number }>,
): Promise<{ readonly instance: number }> {
  return { instance: (await opened).instance };
}
