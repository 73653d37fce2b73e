// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { TrainedNetwork, Trainer } from "@rmtc/contract";
import { sampleTraining } from "../cases/trainer/sample-training.ts";
import type { GuestCaseContext } from "./guest-case.ts";
import type { GuestMessage, GuestTalk } from "./guest-talk.ts";

/** Opens a trainer and a training that nobody reads to its end; the plan is lent as callback 1. */
export async function sampleRun(
  context: GuestCaseContext,
): Promise<{ readonly talk: GuestTalk; readonly stream: number }> {
  const talk = await context.begin();
  const { instance, capabilities } = await context.open(talk, "trainer");
  const store: Trainer = {
    name: "guest",
    capabilities: capabilities as unknown as Trainer["capabilities"],
    describe: async (job) => (await talk.ask("trainer/describe", { instance, job })) as TrainedNetwork,
    train: () => {
      throw new Error("The suite trains by lines.");
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const { job } = await sampleTraining(
    { store, fixture: context.fixture, folder: context.folder },
    { steps: 100_000 },
  );
  const { stream } = (await talk.ask("trainer/train", { instance, job, plan: { callback: 1 } })) as {
    readonly stream: number;
  };
  return { talk, stream };
}

/** Reads the stream of a training until a `next` has the plan called, and returns that `next`, unanswered. */
export async function nextThatCalls(
  talk: GuestTalk,
  stream: number,
  called: Promise<void>,
): Promise<{ readonly id: number; readonly answer: Promise<GuestMessage> }> {
  for (;;) {
    const answer = talk.request("next", { stream });
    const id = talk.lastId;
    const first = await Promise.race([answer, called]);
    if (first === undefined) return { id, answer };
    const { done } = (first.result ?? { done: true }) as { readonly done: boolean };
    assert.ok(!done, "the training ended without a plan");
  }
}
