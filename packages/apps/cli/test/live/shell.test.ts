// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rmtcCommand, runRmtc } from "../fixtures/run-rmtc.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-pty-"));
  for (const args of [
    ["init", "--person", "Ada"],
    ["publish", "subject", "hero-b"],
  ])
    if ((await runRmtc(folder, args)).code !== 0) throw new Error(`rmtc ${args.join(" ")} failed`);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A shell in a pseudo-terminal, which `script` makes. */
class Terminal implements AsyncDisposable {
  readonly #child;
  #text = "";
  #seen = 0;

  constructor() {
    const command = [...rmtcCommand, "shell"].map((word) => `'${word}'`).join(" ");
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], {
      cwd: folder,
      env: { ...process.env, TERM: "xterm", COLUMNS: "100", NODE_REPL_HISTORY: undefined },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#text += text));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits for a text behind what was waited for before, and returns all from there. */
  async until(text: string): Promise<string> {
    for (;;) {
      const fresh = stripVTControlCharacters(this.#text).slice(this.#seen);
      const at = fresh.indexOf(text);
      if (at >= 0) {
        this.#seen += at + text.length;
        return fresh.slice(0, at + text.length);
      }
      await once(this.#child.stdout, "data");
    }
  }

  async left(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

it("a person types, completes with Tab, stops a line with Ctrl+C, and finds the lines again", async () => {
  await using first = new Terminal();
  await first.until("help() lists what can be called");
  await first.until("rmtc> ");
  first.type('show("her\t');
  await first.until('show("hero-b');
  first.type('")\r');
  await first.until("subject hero-b");
  await first.until("rmtc> ");
  first.type("await new Promise(() => undefined)\r");
  await first.until("undefined)");
  first.type("\u0003");
  await first.until("Interrupted.");
  await first.until("rmtc> ");
  first.type("6 * 7\r");
  await first.until("42");
  await first.until("rmtc> ");
  first.type(".exit\r");
  expect(await first.left()).toBe(0);
  expect(await readFile(join(folder, ".rmtc/shell-history"), "utf8")).toContain('show("hero-b")');

  await using second = new Terminal();
  await second.until("rmtc> ");
  second.type("\u001b[A\u001b[A");
  await second.until("6 * 7");
  second.type("\r");
  await second.until("42");
  await second.until("rmtc> ");
  second.type("\u0004");
  expect(await second.left()).toBe(0);
}, 60_000);
