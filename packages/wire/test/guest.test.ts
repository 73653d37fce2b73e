// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { afterAll, describe, expect, it } from "vitest";
import { type GuestHost, GuestProcess, siblingModule, startThread } from "../src/index.ts";

const module = (name: string): URL => siblingModule(import.meta.url, `./fixtures/${name}`);

describe.each([
  ["thread", (): GuestHost => startThread(module("thread-guest"), {})],
  ["process", (): GuestHost => new GuestProcess(module("process-guest"))],
])("a guest in a %s", (_, start) => {
  const guest = start();
  afterAll(() => guest.terminate());

  it("answers calls, several at once", async () => {
    const answers = await Promise.all([1, 2, 3].map((value) => guest.call<number>("double", { value })));
    expect(answers).toEqual([2, 4, 6]);
  });

  it("passes errors with code and subject", async () => {
    await expect(guest.call("fail", {})).rejects.toMatchObject({ code: "RMTC_NOT_FOUND", subject: "thing" });
  });

  it("says so when a method is unknown, also one of Object's", async () => {
    await expect(guest.call("toString", {})).rejects.toThrow("no method toString");
  });

  it("rejects with the signal's reason when aborted, and goes on serving", async () => {
    const abort = new AbortController();
    const call = guest.call("hang", {}, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await expect(guest.call("double", { value: 4 })).resolves.toBe(8);
  });

  it("streams items and can be left early", async () => {
    const all: number[] = [];
    for await (const value of guest.stream<number>("count", { to: 3 })) all.push(value);
    for await (const value of guest.stream<number>("count", { to: 1e9 })) if (value === 5) break;
    expect(all).toEqual([1, 2, 3]);
  });
});

it("rejects open calls when the process dies", async () => {
  const guest = new GuestProcess(module("process-guest"));
  await expect(guest.call("crash", {})).rejects.toMatchObject({ code: "RMTC_PROCESS_FAILED" });
  await expect(guest.call("double", { value: 1 })).rejects.toMatchObject({ code: "RMTC_PROCESS_FAILED" });
});
