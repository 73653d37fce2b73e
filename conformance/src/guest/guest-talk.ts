// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert, { AssertionError } from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";

/** A program that serves extensions over standard input and output. */
export interface GuestCommandLine {
  /** The program and its arguments; no shell is used. */
  readonly command: readonly string[];
  /** Absolute path of the folder it starts in. */
  readonly folder: string;
}

/** A message as it stands in a line. */
export interface GuestMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code: string };
  };
}

/** Answers a request of the guest's with a result. */
export type AnswerRequest = (params: Readonly<Record<string, unknown>>) => unknown;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A running guest, spoken to in lines as they are: nothing is checked for either side but that lines are JSON. */
export class GuestTalk {
  /** Absolute path of the exchange folder. */
  readonly exchange: string;
  /** Everything the guest has said, in order. */
  readonly heard: GuestMessage[] = [];
  /** Answers the guest's own requests, by method. */
  readonly answers: Map<string, AnswerRequest> = new Map();
  readonly #child: Child;
  readonly #ended = Promise.withResolvers<string>();
  readonly #waiting = new Map<number, PromiseWithResolvers<GuestMessage>>();
  #breach: Error | undefined;
  #rest = "";
  #lastId = 0;

  private constructor(child: Child, exchange: string) {
    this.#child = child;
    this.exchange = exchange;
    child.stdin.on("error", () => undefined);
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    child.once("error", (error) => this.#end(error.message));
    child.once("close", (code, signal) => this.#end(signal === null ? `exit code ${code}` : signal));
  }

  /** Starts the program; `exchange` is the path of a folder that is made for it. */
  static async start({ command, folder }: GuestCommandLine, exchange: string): Promise<GuestTalk> {
    const [program = "", ...args] = command;
    await mkdir(exchange, { mode: 0o700 });
    const stdio: ["pipe", "pipe", "ignore"] = ["pipe", "pipe", "ignore"];
    const child = spawn(program, args, { cwd: folder, stdio, detached: process.platform !== "win32" });
    return new GuestTalk(child, exchange);
  }

  /** Sends a request, and returns the whole answer. `id` is the next one unless given. */
  request(method: string, params: unknown = {}, id: number = this.#lastId + 1): Promise<GuestMessage> {
    this.#lastId = id;
    const answer = Promise.withResolvers<GuestMessage>();
    // A case that has failed waits for no answer.
    answer.promise.catch(() => undefined);
    this.#waiting.set(id, answer);
    if (this.#breach !== undefined) answer.reject(this.#breach);
    this.#send({ id, method, params });
    return answer.promise;
  }

  /** Sends a request that has to succeed, and returns its result. */
  async ask(method: string, params: unknown = {}, id?: number): Promise<unknown> {
    const { result, error } = await this.request(method, params, id);
    assert.equal(error, undefined, `${method} failed: ${error?.data?.code ?? error?.code} ${error?.message}`);
    return result;
  }

  /** The id of the last request. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Sends a notification. */
  notify(method: string, params: unknown = {}): void {
    this.#send({ method, params });
  }

  /** Ends the guest's input, and returns whether it ended within some seconds. */
  async endsWithin(seconds: number): Promise<boolean> {
    this.#child.stdin.end();
    const ended = this.#ended.promise.then(() => true);
    const late = new AbortController();
    const isOver = await Promise.race([
      ended,
      setTimeout(seconds * 1_000, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    return isOver;
  }

  /** Ends the guest and its children with SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    try {
      if (process.platform === "win32") this.#child.kill("SIGKILL");
      else if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
    this.#child.stdout.destroy();
    await this.#ended.promise;
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    let message: GuestMessage;
    try {
      message = JSON.parse(line) as GuestMessage;
    } catch {
      this.#fail(
        new AssertionError({ message: `the guest wrote a line that is not JSON: ${line.slice(0, 80)}` }),
      );
      return;
    }
    this.heard.push(message);
    const { id, method, params = {} } = message;
    if (id === undefined) return;
    if (method === undefined) {
      this.#waiting.get(id)?.resolve(message);
      return;
    }
    void this.#answer(id, method, params);
  }

  async #answer(id: number, method: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = this.answers.get(method);
    if (answer === undefined) {
      this.#send({ id, error: { code: -32601, message: `There is no method ${method}.` } });
      return;
    }
    this.#send({ id, result: (await answer(params)) ?? null });
  }

  #end(cause: string): void {
    this.#fail(new AssertionError({ message: `the guest ended with a request open: ${cause}` }));
    this.#ended.resolve(cause);
  }

  #fail(error: Error): void {
    this.#breach ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
