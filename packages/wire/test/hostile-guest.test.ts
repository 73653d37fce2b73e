// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRmtcError } from "@rmtc/contract";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { Guest, type GuestPatience, openRole } from "../src/index.ts";

const script = fileURLToPath(new URL("./fixtures/hostile-guest.mjs", import.meta.url));
const run = "urn:uuid:01920000-0000-7000-8000-000000000000";

async function start(deed: string, detail = "", patience: GuestPatience = {}): Promise<Guest> {
  const command = [process.execPath, script, deed, detail];
  const guest = await Guest.start({ command, folder: tmpdir() }, patience);
  onTestFinished(() => guest[Symbol.asyncDispose]());
  return guest;
}

/** What becomes of a call of a run store that a guest serves so. */
async function outcomeOf(guest: Guest): Promise<unknown> {
  const store = await openRole(guest, "runStore", {}, { baseFolder: tmpdir() });
  return await Promise.all([store.getRuns([run]), store.pendingSeals()]).then(
    () => "it returned",
    (error: unknown) => (isRmtcError(error) ? error.code : error),
  );
}

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a guest that breaks the protocol", () => {
  it.each([
    ["garbage", "RMTC_JSON_INVALID"],
    ["notUtf8", "RMTC_JSON_INVALID"],
    ["hugeNumber", "RMTC_JSON_INVALID"],
    ["longDigits", "RMTC_JSON_INVALID"],
    ["surrogate", "RMTC_JSON_INVALID"],
    ["deep", "RMTC_LIMIT_EXCEEDED"],
    ["endless", "RMTC_LIMIT_EXCEEDED"],
    ["wide", "RMTC_EXTENSION_INVALID"],
    ["batch", "RMTC_EXTENSION_INVALID"],
    ["wrongId", "RMTC_EXTENSION_INVALID"],
    ["textId", "RMTC_EXTENSION_INVALID"],
    ["wrongShape", "RMTC_EXTENSION_INVALID"],
    ["noResult", "RMTC_EXTENSION_INVALID"],
    ["unknownCode", "RMTC_EXTENSION_INVALID"],
    ["exit", "RMTC_PROCESS_FAILED"],
    ["killed", "RMTC_PROCESS_FAILED"],
    ["halfLine", "RMTC_PROCESS_FAILED"],
    ["chatter", "RMTC_PROCESS_FAILED"],
  ])("by %s ends with %s, in bounded memory, and is gone", async (deed, code) => {
    const guest = await start(deed);
    const { pid, folder } = guest.current;
    const before = process.memoryUsage().rss;
    expect(await outcomeOf(guest)).toBe(code);
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024);
    await guest.current[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(folder.folder)).toBe(false);
  });

  it("by answering twice, or by a flood of requests, is ended", async () => {
    for (const deed of ["twice", "flood"]) {
      const guest = await start(deed);
      const store = await openRole(guest, "runStore", {}, { baseFolder: tmpdir() });
      await store.getRuns([]).catch(() => undefined);
      await guest.current[Symbol.asyncDispose]();
      await expect(store.getRuns([])).rejects.toMatchObject({ code: "RMTC_PROCESS_FAILED" });
    }
  });

  it("by any line at all ends in one error", { timeout: 120_000 }, async () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            jsonrpc: fc.constantFrom("2.0", "1.0"),
            id: fc.oneof(fc.integer({ min: -1, max: 4 }), fc.string()),
            method: fc.oneof(fc.constantFrom("next", "callback", "end", "cancel", "progress"), fc.string()),
            params: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
            result: fc.jsonValue(),
            error: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((message) => Buffer.from(JSON.stringify(message))),
    );
    await fc.assert(
      fc.asyncProperty(line, async (bytes) => {
        await using guest = await Guest.start({
          command: [
            process.execPath,
            script,
            "raw",
            Buffer.concat([bytes, Buffer.from("\n")]).toString("base64"),
          ],
          folder: tmpdir(),
        });
        const store = await openRole(guest, "runStore", {}, { baseFolder: tmpdir() });
        const signal = AbortSignal.timeout(200);
        const outcome = await store.getRuns([run], { signal }).catch((error: unknown) => error);
        expect(isRmtcError(outcome) || outcome === signal.reason || Array.isArray(outcome)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });
});

describe("a guest that names a place", () => {
  it.each([
    ["outsidePath", "RMTC_EXTENSION_INVALID"],
    ["otherFile", "RMTC_PATH_INVALID"],
    ["beyondEnd", "RMTC_PATH_INVALID"],
    ["link", "RMTC_PATH_INVALID"],
    ["wrongLength", "RMTC_EXTENSION_INVALID"],
    ["hugeTensor", "RMTC_LIMIT_EXCEEDED"],
  ])("by %s is ended with %s", async (deed, code) => {
    const guest = await start(deed);
    const path = join(guest.current.folder.folder, "weights");
    await writeFile(path, "");
    const inferer = await openRole(guest, "inferer", {}, { baseFolder: tmpdir() });
    const network = await inferer.open({ path, mediaType: "application/x" });
    const x = { dtype: "F32", shape: [1], data: new Uint8Array(4) } as const;
    await expect(network.run({ inputs: { x } })).rejects.toMatchObject({ code });
  });
});

describe("a guest that says nothing", () => {
  it("in the handshake is ended after the time for it", async () => {
    await expect(start("mute", "", { startSeconds: 0.2 })).rejects.toMatchObject({
      code: "RMTC_PROCESS_FAILED",
    });
  });

  it("in a call lets the call be aborted at once, and is ended if it goes on so", async () => {
    const guest = await start("silent", "", { graceSeconds: 0.1 });
    const store = await openRole(guest, "runStore", {}, { baseFolder: tmpdir() });
    const reason = new Error("enough");
    const abort = new AbortController();
    const call = store.getRuns([run], { signal: abort.signal });
    const other = store.pendingSeals();
    setImmediate(() => abort.abort(reason));
    await expect(call).rejects.toBe(reason);
    await expect(other).rejects.toMatchObject({ code: "RMTC_PROCESS_FAILED" });
  });

  it("at the end of its input is killed", async () => {
    const guest = await start("stays", "", { graceSeconds: 0.1 });
    const { pid } = guest.current;
    await guest[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
  });
});

it("says so when a program does not exist", async () => {
  await expect(Guest.start({ command: ["./no-such-program"], folder: tmpdir() })).rejects.toMatchObject({
    code: "RMTC_PROCESS_FAILED",
  });
});
