// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { RmtcError } from "@rmtc/contract";

/** A program that serves extensions. */
export interface GuestCommand {
  /** The program and its arguments; no shell is used. */
  readonly command: readonly string[];
  /** Absolute path of the folder it starts in. */
  readonly folder: string;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** How much of what the program said last is quoted in errors. */
const quotedCharacters = 2_000;

/** A running program with pipes to it. It leads a process group, so that its children end with it. */
export class GuestProgram {
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves with what is known of the cause when the program has ended and its pipes are empty. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #said = "";

  constructor({ command, folder, env }: GuestCommand) {
    const [program, ...args] = command;
    if (program === undefined) {
      throw new RmtcError("RMTC_OPTION_INVALID", "A command needs a program.", { pointer: "/command" });
    }
    this.#child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.pid = this.#child.pid;
    this.input = this.#child.stdin;
    this.output = this.#child.stdout;
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-quotedCharacters);
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#child.once("error", (error) => resolve(error.message));
    this.#child.once("exit", (code, signal) => {
      // A grandchild may hold the pipes open for ever.
      const quote = (): void =>
        resolve(this.#quote(signal === null ? `exit code ${code}` : `signal ${signal}`));
      const patience = setTimeout(quote, 500);
      this.#child.once("close", () => {
        clearTimeout(patience);
        quote();
      });
    });
  }

  /** Lets this process end although the program runs, or keeps it alive. */
  setReferenced(referenced: boolean): void {
    // The pipes are sockets, which their types do not say.
    const { stdin, stdout, stderr } = this.#child;
    for (const handle of [this.#child, stdin, stdout, stderr] as Partial<Socket>[]) {
      if (referenced) handle.ref?.();
      else handle.unref?.();
    }
  }

  /** Closes the program's input, waits for its end, and kills it with its children when that takes too long. */
  async end(graceSeconds: number): Promise<string> {
    this.setReferenced(true);
    this.input.end();
    const timer = setTimeout(() => this.kill(), graceSeconds * 1_000);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
      this.kill();
    }
  }

  /** Kills the program and its children. */
  kill(): void {
    if (this.pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill("SIGKILL");
      else process.kill(-this.pid, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
    this.output.destroy();
  }

  #quote(cause: string): string {
    const said = this.#said.trim();
    return said === "" ? cause : `${cause}; it said: ${said}`;
  }
}
