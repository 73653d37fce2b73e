// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { isSystemError } from "./fs-error.ts";
import { isGroupAlive, isProcessAlive, signalProcess } from "./process-alive.ts";

/**
 * Runs a task's program and writes down, in files beside it, that it started and how it ended, so that a new
 * supervisor can take over. `$1` is the path of these files without suffix.
 *
 * The claim is made at most once: whoever comes second, be it this script or a supervisor that gave it up for
 * lost, leaves the attempt to the other. The signals of a kill end the program, not the script. The program runs
 * by `exec`, so that its name never means a command of the shell.
 */
const TASK_SCRIPT = `
files=$1; shift
trap : TERM INT HUP
stat=
[ -r "/proc/$$/stat" ] && read -r stat < "/proc/$$/stat"
printf '%s\\n%s\\n' "$$" "$stat" > "$files.pid" || exit 1
(set -C; : > "$files.claim") 2>/dev/null || exit 1
(exec "$@")
printf '%s' "$?" > "$files.exit.tmp" && exec mv "$files.exit.tmp" "$files.exit"
`;

/** So long, at most, it is waited for processes that were killed: one in the middle of a disk access goes later. */
const LAST_MS = 1000;

/** What a task's process is started with. */
export interface TaskStart {
  /** Path, without suffix, of the files that tell how the process does. */
  readonly attemptPath: string;
  readonly logPath: string;
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How a task's process ended. */
export interface TaskOutcome {
  /** Missing when the process was killed outright or could not be started. */
  readonly exitCode?: number | undefined;
  /** When it ended, as well as that is known. */
  readonly at: Date;
}

/** A task's process and all its descendants in the same process group. */
export class TaskProcess {
  readonly #attemptPath: string;
  readonly #pid: number | undefined;
  readonly #isGone: () => boolean;
  #termSentAt: number | undefined;
  #killedAt: number | undefined;

  private constructor(attemptPath: string, pid: number | undefined, isGone: () => boolean) {
    this.#attemptPath = attemptPath;
    this.#pid = pid;
    this.#isGone = isGone;
  }

  /** Starts a task in a process group of its own. `onExit` is called when it has ended. */
  static start(start: TaskStart, onExit: () => void): TaskProcess {
    const log = openSync(start.logPath, "a");
    let ended = false;
    const end = (): void => {
      ended = true;
      onExit();
    };
    const fail = (error: unknown): void => {
      noteInLog(start.logPath, `The task cannot be started in ${start.workingFolder}: ${String(error)}.`);
      end();
    };
    let child: ChildProcess | undefined;
    try {
      child = spawn("/bin/sh", ["-c", TASK_SCRIPT, "rmtc-task", start.attemptPath, ...start.command], {
        cwd: start.workingFolder,
        env: start.env,
        detached: true,
        stdio: ["ignore", log, log],
      });
      child.once("exit", end);
      child.once("error", fail);
    } catch (error) {
      // Such as a command longer than the system takes.
      fail(error);
    } finally {
      closeSync(log);
    }
    return new TaskProcess(start.attemptPath, child?.pid, () => ended);
  }

  /**
   * Takes over what another supervisor started, or prevents it from starting any more; `undefined` says that
   * the attempt is void: nothing runs and nothing says how it ended.
   */
  static adopt(attemptPath: string): TaskProcess | undefined {
    if (claim(attemptPath)) return undefined;
    const [pidLine, stat] = (readText(`${attemptPath}.pid`) ?? "").split("\n");
    // A power cut can leave the file empty. No number that is none may reach kill(2): 0 means one's own group.
    const pid = Number(pidLine) || undefined;
    const adopted = new TaskProcess(
      attemptPath,
      pid,
      () => pid === undefined || !isProcessAlive(pid, stat ?? ""),
    );
    if (!adopted.#isGone()) return adopted;
    // Its children may have outlived it.
    adopted.#signalGroup("SIGKILL");
    return adopted.#readExit() === undefined ? undefined : adopted;
  }

  /** Whether the process itself has ended, and others of its group are being ended. */
  get isEnding(): boolean {
    return this.#killedAt !== undefined;
  }

  /** Returns how the process ended, or `undefined` while it or what must end with it still runs. */
  outcome(): TaskOutcome | undefined {
    const gone = this.#isGone();
    const exit = this.#readExit();
    if (!gone && exit === undefined) return undefined;
    // Whatever it started must not outlive it then.
    if (exit === undefined || this.#termSentAt !== undefined) {
      this.#killedAt ??= performance.now();
      const lives = this.#signalGroup("SIGKILL") && isGroupAlive(this.#pid ?? 0);
      if (lives && performance.now() - this.#killedAt < LAST_MS) return undefined;
    }
    return exit ?? { at: new Date() };
  }

  /** Asks the processes to end; those that still run after `graceMs`, when called again, are ended. */
  terminate(graceMs: number): void {
    const now = performance.now();
    if (this.#termSentAt === undefined) {
      this.#termSentAt = now;
      this.#signalGroup("SIGTERM");
    } else if (now - this.#termSentAt >= graceMs) {
      this.#signalGroup("SIGKILL");
    }
  }

  /** Returns whether there was anyone to send it to. */
  #signalGroup(signal: NodeJS.Signals): boolean {
    return this.#pid !== undefined && signalProcess(-this.#pid, signal);
  }

  #readExit(): TaskOutcome | undefined {
    const path = `${this.#attemptPath}.exit`;
    const text = readText(path);
    return text === undefined ? undefined : { exitCode: Number(text), at: statSync(path).mtime };
  }
}

/** Claims an attempt for good, by a folder in place of the script's file; returns whether nobody had yet. */
function claim(attemptPath: string): boolean {
  const path = `${attemptPath}.claim`;
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
    return statSync(path).isDirectory();
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

function noteInLog(path: string, line: string): void {
  const log = openSync(path, "a");
  try {
    writeSync(log, `${line}\n`);
  } finally {
    closeSync(log);
  }
}
