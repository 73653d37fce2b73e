// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A script of `fixtures/` in a process of its own, which prints a line for everything that it has done. */
export class Child {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #complaints = "";

  constructor(fixture: string, args: readonly string[]) {
    const script = fileURLToPath(new URL(`../fixtures/${fixture}.ts`, import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@rmtc/source", script, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
    createInterface(child.stdout).on("line", (line) => {
      this.lines.push(line);
      for (const { count, resolve } of this.#waiting) if (this.lines.length >= count) resolve();
    });
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => {
        for (const { resolve: stop } of this.#waiting) stop();
        resolve();
      });
    });
  }

  /** Waits until that many lines were printed, or the process has ended. */
  async printed(count: number): Promise<void> {
    if (this.lines.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Kills the process as the kernel would: without a chance to do anything. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Waits for the process to end by itself. */
  async ended(): Promise<void> {
    await this.#ended;
    if (this.#child.exitCode !== 0) throw new Error(`The child failed: ${this.#complaints}`);
  }
}
