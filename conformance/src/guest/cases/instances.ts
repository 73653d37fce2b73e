// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { PlanRequest } from "@rmtc/contract";
import { within } from "../../cases/support/within.ts";
import { samplePlan } from "../../cases/trainer/sample-training.ts";
import type { GuestCase, GuestDescription } from "../guest-case.ts";
import { lightRequests, roleAmong, streamRequests } from "../role-requests.ts";
import { nextThatCalls, sampleRun } from "../sample-run.ts";

/** So long a guest is listened to that should be silent. */
const silenceMilliseconds = 100;
/** So long an answer may take that needs no work. */
const answerMilliseconds = 5_000;

const trains = ({ extensions }: GuestDescription): boolean =>
  extensions.some(({ role }) => role === "trainer");

/** What becomes of instances, streams and callbacks. */
export const instancesCases: readonly GuestCase[] = [
  {
    id: "guest.instances.independent",
    level: "must",
    spec: "wire.md#rmtc-wir-027",
    title: "ends an instance by close, and leaves others as they are",
    async run({ guest, begin, open }) {
      const talk = await begin();
      for (const { role } of guest.extensions) {
        const [first, second] = [await open(talk, role), await open(talk, role)];
        assert.notEqual(first.instance, second.instance, "two instances have one handle");
        const { method, params } = lightRequests[role];
        const before = await talk.request(method, { instance: second.instance, ...params });
        await talk.ask("close", { instance: first.instance });
        const after = await talk.request(method, { instance: second.instance, ...params });
        assert.equal(after.error?.code, before.error?.code, `${role}: the other instance was closed too`);
        const closed = await talk.request(method, { instance: first.instance, ...params });
        assert.ok(closed.error !== undefined, `${role}: a closed instance answers ${method}`);
      }
    },
  },
  {
    id: "guest.streams.over",
    level: "must",
    spec: "wire.md#rmtc-wir-032",
    title: "answers next and end of a stream that is over, or never was",
    async run({ guest, begin, open }) {
      const talk = await begin();
      const isOver = async (stream: unknown): Promise<void> => {
        assert.deepEqual(await talk.ask("next", { stream, file: "page" }), { done: true });
        assert.equal(await talk.ask("end", { stream }), null);
      };
      await isOver(4_000_000);
      const role = roleAmong(guest, streamRequests);
      const request = role && streamRequests[role];
      if (role === undefined || request === undefined) return;
      const { instance } = await open(talk, role);
      const opened = async (): Promise<unknown> => {
        const result = await talk.ask(request.method, { instance, ...request.params });
        return (result as { readonly stream: number }).stream;
      };
      const [ended, read] = [await opened(), await opened()];
      await talk.ask("end", { stream: ended });
      await isOver(ended);
      for (let done = false; !done; ) {
        ({ done } = (await talk.ask("next", { stream: read })) as { readonly done: boolean });
      }
      await isOver(read);
    },
  },
  {
    id: "guest.callbacks.over",
    level: "must",
    spec: "wire.md#rmtc-wir-040",
    title: "calls no callback after the stream that it was lent for is over",
    when: trains,
    async run(context) {
      const { talk, stream } = await sampleRun(context);
      const called = Promise.withResolvers<void>();
      talk.answers.set("callback", async ({ params }) => {
        called.resolve();
        return await samplePlan(params as PlanRequest);
      });
      const { id, answer } = await nextThatCalls(talk, stream, called.promise);
      talk.notify("cancel", { id });
      await answer;
      await talk.ask("end", { stream });
      const heard = talk.heard.length;
      await setTimeout(silenceMilliseconds);
      await talk.ask("end", { stream });
      const late = talk.heard.slice(heard).filter(({ method }) => method === "callback");
      assert.deepEqual(late, [], "it called back when the stream was over");
    },
  },
  {
    id: "guest.messages.while-working",
    level: "must",
    spec: "wire.md#rmtc-wir-012",
    title: "takes requests while it works on others",
    when: trains,
    async run(context) {
      const { talk, stream } = await sampleRun(context);
      const [called, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      talk.answers.set("callback", async ({ params }) => {
        called.resolve();
        await answered.promise;
        return await samplePlan(params as PlanRequest);
      });
      const { answer } = await nextThatCalls(talk, stream, called.promise);
      const another = context.open(talk, "trainer");
      const { instance } = await within(answerMilliseconds, "the answer to open", another);
      await talk.ask("close", { instance });
      answered.resolve();
      await answer;
      await talk.ask("end", { stream });
    },
  },
];
