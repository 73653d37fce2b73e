// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { verify, type Workspace } from "@rmtc/core";
import { inWorkspace } from "../../fixtures/open-workspace.ts";
import { scenarioOf } from "./change-scenario.ts";
import { listFileSorts, listRecords } from "./list-workspace.ts";
import { type KillPoint, runWithKill } from "./run-with-kill.ts";

/** What happened at one kill point. */
export interface KillOutcome {
  readonly point: KillPoint;
  /** The call at which the process was killed. */
  readonly call: string;
  /** The state a second process found; `late` when the process ended before it came to the point. */
  readonly found: "before" | "after" | "late";
  /** What does not hold. */
  readonly problem?: string | undefined;
}

/** A workspace in all the states that a change may leave it in. */
interface States {
  readonly template: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly twice: readonly string[];
  readonly fileSorts: ReadonlySet<string>;
}

/** A change, ready to be killed. */
export class KillMatrix {
  /** The file-changing calls of an undisturbed run. */
  readonly calls: readonly string[];
  readonly #name: string;
  readonly #library: string;
  readonly #folder: string;
  readonly #states: States;

  private constructor(
    name: string,
    library: string,
    folder: string,
    states: States,
    calls: readonly string[],
  ) {
    this.#name = name;
    this.#library = library;
    this.#folder = folder;
    this.#states = states;
    this.calls = calls;
  }

  /** Prepares a scenario in a folder of its own. */
  static async prepare(name: string, library: string, folder: string): Promise<KillMatrix> {
    const scenario = scenarioOf(name);
    const template = join(folder, "template");
    await mkdir(template, { recursive: true });
    await scenario.prepare(template);
    const [opened, whole] = [join(folder, "opened"), join(folder, "whole")];
    for (const copy of [opened, whole]) await cp(template, copy, { recursive: true });
    const before = await inWorkspace(opened, readRecords);
    const log = join(folder, "whole.log");
    const compileCache = join(folder, "compile-cache");
    const command = commandOf(name, whole);
    const { calls } = await runWithKill({ library, command, folder: whole, log, compileCache });
    const [after, twice] = await inWorkspace(whole, async (workspace) => {
      const once = await readRecords(workspace);
      await scenario.change(workspace);
      return [once, await readRecords(workspace)] as const;
    });
    const fileSorts = await listFileSorts(whole);
    return new KillMatrix(name, library, folder, { template, before, after, twice, fileSorts }, calls);
  }

  /** Every kill point of an undisturbed run: before and after each call. */
  get points(): readonly KillPoint[] {
    return this.calls.flatMap((_, index) => [
      { call: index + 1, after: false },
      { call: index + 1, after: true },
    ]);
  }

  /** Kills the change at one point and checks everything that must hold afterwards. */
  async killAt(point: KillPoint): Promise<KillOutcome> {
    const id = `${point.call}-${point.after ? "after" : "before"}`;
    const folder = join(this.#folder, id);
    const log = join(this.#folder, `${id}.log`);
    await cp(this.#states.template, folder, { recursive: true });
    const command = commandOf(this.#name, folder);
    const compileCache = join(this.#folder, "compile-cache");
    const library = this.#library;
    const { killed, calls } = await runWithKill({ library, command, folder, log, compileCache, point });
    const call = calls[point.call - 1] ?? "";
    try {
      if (!killed) return { point, call, found: "late" };
      const found = await this.#check(folder);
      await rm(folder, { recursive: true });
      await rm(log);
      return { point, call, found };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { point, call, found: "before", problem };
    }
  }

  /** Kills the change at many points, a few at a time, and yields each outcome as it comes. */
  async *killAtEach(points: readonly KillPoint[], parallel: number): AsyncGenerator<KillOutcome, void> {
    const waiting = [...points].reverse();
    const running = new Map<KillPoint, Promise<KillOutcome>>();
    for (;;) {
      for (
        let point = waiting.at(-1);
        point !== undefined && running.size < parallel;
        point = waiting.at(-1)
      ) {
        running.set(point, this.killAt(point));
        waiting.pop();
      }
      if (running.size === 0) return;
      const outcome = await Promise.race(running.values());
      running.delete(outcome.point);
      yield outcome;
    }
  }

  async #check(folder: string): Promise<"before" | "after"> {
    const { before, after, twice, fileSorts } = this.#states;
    const found = await inWorkspace(folder, async (workspace) => {
      const records = await readRecords(workspace);
      const state = records.length === before.length ? "before" : "after";
      const expected = state === "before" ? before : after;
      assert.deepEqual(records, expected, "The listing is neither that before nor that after.");
      await scenarioOf(this.#name).change(workspace);
      const repeated = await readRecords(workspace);
      assert.deepEqual(repeated, state === "before" ? after : twice, "The change cannot be repeated.");
      return state;
    });
    const leftOver = [...(await listFileSorts(folder))].filter((sort) => !fileSorts.has(sort));
    assert.deepEqual(leftOver, [], "Files are left over.");
    return found;
  }
}

/** Lists a workspace's records, once every record and file in it is verified. */
async function readRecords(workspace: Workspace): Promise<readonly string[]> {
  const { problems } = await verify(workspace, undefined);
  assert.deepEqual(problems, [], "Records or files are damaged.");
  return await listRecords(workspace);
}

function commandOf(name: string, folder: string): readonly string[] {
  const main = fileURLToPath(new URL("change-main.ts", import.meta.url));
  return [process.execPath, "--conditions=@rmtc/source", main, name, folder];
}
