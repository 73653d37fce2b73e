// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type REPLServer, Recoverable, start } from "node:repl";
import type { Readable, Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { inspect, types } from "node:util";
import { isRmtcError } from "@rmtc/contract";
import type { Workspace } from "@rmtc/core";
import { formatError } from "../output/report-error.ts";
import { completeLine } from "./complete-line.ts";
import { makeScope } from "./shell-scope.ts";
import { stripTypes } from "./strip-types.ts";

/** Where a shell reads keys and writes; a terminal, or what takes its place. */
export interface ShellStreams {
  readonly input: Readable;
  readonly output: Writable;
}

type Finish = (error: Error | null, value?: unknown) => void;
type Complete = (line: string, done: (error: null, answer: unknown) => void) => void;

/** Under this name a line's promise waits in the context until it is awaited. */
const pendingName = "pendingAnswer";
const unfinished = /<eof>|Unexpected eof|Unterminated template|Unterminated block comment/;

/** A read-evaluate-print loop on a workspace, in TypeScript. Promises are awaited before they are shown. */
export class Shell {
  readonly #server: REPLServer;
  readonly #output: Writable;
  readonly #evaluateScript: REPLServer["eval"];
  #line = new AbortController();

  constructor(workspace: Workspace, { input, output }: ShellStreams) {
    const colors = output instanceof WriteStream && output.hasColors();
    const server = start({
      prompt: "rmtc> ",
      input,
      output,
      terminal: true,
      useColors: colors,
      ignoreUndefined: true,
      breakEvalOnSigint: true,
      writer: (value: unknown) =>
        types.isNativeError(value) ? formatFailure(value) : inspect(value, { colors, depth: 4 }),
    });
    this.#server = server;
    this.#output = output;
    Object.assign(
      server.context,
      makeScope(workspace, () => this.#line.signal),
    );
    this.#evaluateScript = server.eval;
    const complete = server.completer.bind(server) as Complete;
    Object.assign(server, {
      eval: (code: string, context: REPLServer["context"], file: string, finish: Finish) =>
        this.#evaluate(code, context, file, finish),
      completer: (line: string, done: Parameters<Complete>[1]) => {
        completeLine(workspace.records, line)
          .catch(() => undefined)
          .then((answer) => (answer === undefined ? complete(line, done) : done(null, answer)));
      },
    });
    server.on("SIGINT", () => this.#line.abort(new Error("Interrupted.")));
  }

  /** Keeps lines in a file from one session to the next. */
  async keepHistory(path: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.setupHistory(path, () => resolve()));
  }

  /** Waits until the person leaves. */
  async whenLeft(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.once("exit", () => resolve()));
  }

  #evaluate(code: string, context: REPLServer["context"], file: string, finish: Finish): void {
    this.#line = new AbortController();
    let script = code;
    try {
      script = stripTypes(code);
    } catch (error) {
      if (error instanceof SyntaxError && unfinished.test(error.message)) {
        finish(new Recoverable(error));
        return;
      }
    }
    this.#evaluateScript.call(this.#server, script, context, file, (error, value) => {
      if (error !== null || !types.isPromise(value)) return finish(error, value);
      const answer = value.catch((failure: unknown) => {
        if (!isRmtcError(failure)) throw failure;
        this.#output.write(`${formatError(failure)}\n`);
      });
      Object.defineProperty(context, pendingName, { value: answer, configurable: true });
      // Of a line with await the loop itself knows to hold back the keys behind it, and to break off at Ctrl+C.
      this.#evaluateScript.call(this.#server, `await ${pendingName}\n`, context, file, finish);
    });
  }
}

function formatFailure(error: Error): string {
  if (isRmtcError(error)) return formatError(error);
  if ("code" in error && error.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") return "Interrupted.";
  return error.stack ?? error.message;
}
