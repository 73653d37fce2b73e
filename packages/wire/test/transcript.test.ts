// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { validateDocument } from "@rmtc/spec";
import { expect, it } from "vitest";
import { roleMethods } from "../src/serve/role-methods.ts";
import { fixtureCommand } from "./fixtures/start-fixture.ts";

const spec = new URL("../../../spec/", import.meta.url);
const readJson = async <T>(path: string): Promise<T> =>
  JSON.parse(await readFile(new URL(path, spec), "utf8")) as T;

interface Line {
  readonly from: "host" | "guest";
  readonly message: Readonly<Record<string, unknown>>;
}

it("a guest answers as the recorded conversation says, and ends with its input", async () => {
  const { tests } = await readJson<{ readonly tests: readonly Line[] }>("draft/vectors/wire-transcript.json");
  const { command, folder } = fixtureCommand("serve-strategy");
  const [program = "", ...args] = command;
  const guest = spawn(program, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: guest.stdout })[Symbol.asyncIterator]();
  for (const { from, message } of tests) {
    expect(validateDocument("wireMessage", message)).toBeUndefined();
    if (from === "host") guest.stdin.write(`${JSON.stringify(message)}\n`);
    else expect(JSON.parse(String((await lines.next()).value))).toEqual(message);
  }
  guest.stdin.end();
  expect(await once(guest, "exit")).toEqual([0, null]);
});

it("serves exactly the methods of the registry", async () => {
  const { methods } = await readJson<{ readonly methods: readonly { readonly method: string }[] }>(
    "registry/wire-methods.json",
  );
  const served = Object.entries(roleMethods).flatMap(([kind, ofKind]) =>
    Object.keys(ofKind).map((name) => `${kind}/${name}`),
  );
  expect(served.sort()).toEqual(methods.map(({ method }) => method).sort());
});
