// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { validateDocument } from "@rmtc/spec";
import { type GuestCase, type GuestDescription, handshake } from "../guest-case.ts";
import { lightRequests } from "../role-requests.ts";

/** How a guest begins, and what it opens. */
export const handshakeCases: readonly GuestCase[] = [
  {
    id: "guest.handshake.first-word",
    level: "must",
    spec: "wire.md#rmtc-wir-024",
    title: "says nothing before the answer to initialize",
    async run({ start }) {
      const talk = await start();
      const { id, result } = await talk.request("initialize", handshake(talk.exchange));
      assert.ok(result !== undefined, "it did not answer initialize with a result");
      assert.equal(talk.heard[0]?.id, id, `it said ${JSON.stringify(talk.heard[0])} first`);
    },
  },
  {
    id: "guest.handshake.no-common-version",
    level: "must",
    spec: "wire.md#rmtc-wir-022",
    title: "refuses a host that speaks later versions only with RMTC_EXTENSION_INVALID",
    async run({ start }) {
      const talk = await start();
      const protocol = { min: 9_000, max: 9_001 };
      const { error } = await talk.request("initialize", { ...handshake(talk.exchange), protocol });
      assert.equal(error?.data?.code, "RMTC_EXTENSION_INVALID");
    },
  },
  {
    id: "guest.handshake.one-for-each-role",
    level: "must",
    spec: "wire.md#rmtc-wir-023",
    title: "serves one extension of each role at most",
    async run({ start }) {
      const talk = await start();
      const { extensions } = (await talk.ask("initialize", handshake(talk.exchange))) as GuestDescription;
      const roles = extensions.map(({ role }) => role);
      assert.deepEqual(roles, [...new Set(roles)]);
    },
  },
  {
    id: "guest.open.capabilities",
    level: "must",
    spec: "conformance.md#rmtc-cnf-004",
    title: "declares capabilities of the registry, the same ones for every instance opened alike",
    async run({ guest, begin, open }) {
      const talk = await begin();
      for (const { role } of guest.extensions) {
        const { instance, capabilities } = await open(talk, role);
        const { method, params } = lightRequests[role];
        await talk.request(method, { instance, ...params });
        assert.deepEqual((await open(talk, role)).capabilities, capabilities, `those of ${role} changed`);
        const losses = role === "trainingStrategy" ? { losses: [] } : {};
        const issue = validateDocument("wireResult", {
          [`open/${role}`]: { instance, name: "any", capabilities, ...losses },
        });
        assert.equal(issue, undefined, `${role}: "${issue?.pointer}" ${issue?.message}`);
      }
    },
  },
];
