// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineExtension } from "@rmtc/contract";
import { MemoryRecordStore } from "@rmtc/store-memory";
import { expect, it } from "vitest";
import { ExtensionHost, initWorkspace, publishRecord } from "../src/index.ts";
import { openTestWorkspace, reopenTestWorkspace, temporaryFolder } from "./fixtures/test-workspace.ts";

it("is found from a folder below the workspace's", async () => {
  const workspace = await openTestWorkspace();
  const below = join(workspace.folder, "shots", "sh010");
  await mkdir(below, { recursive: true });
  expect((await reopenTestWorkspace(below)).folder).toBe(workspace.folder);
});

it("is not made twice, and its absence is said", async () => {
  const folder = await temporaryFolder();
  await expect(reopenTestWorkspace(folder)).rejects.toMatchObject({ code: "RMTC_NOT_FOUND" });
  await initWorkspace(folder, {});
  await expect(initWorkspace(folder, {})).rejects.toMatchObject({ code: "RMTC_STATE_INVALID" });
});

it.each([
  ["an unknown field", "{ recordz: 'x' }"],
  ["a location without a scheme", "{ records: 'catalog.db' }"],
])("with %s is refused", async (_, text) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "rmtc.config.ts"), `export default ${text};\n`);
  await expect(reopenTestWorkspace(folder)).rejects.toMatchObject({ code: "RMTC_OPTION_INVALID" });
});

it("attributes what is done to its person", async () => {
  const workspace = await openTestWorkspace({ person: "Grace" });
  await publishRecord(workspace, { kind: "model", name: "net", body: {} });
  const found = await workspace.records.find({
    where: [{ field: "kind", op: "eq", value: "party" }],
    limit: 2,
  });
  expect(found.records.map((stored) => stored.record.name)).toEqual(["Grace"]);
});

it("loads a facility's own extension from the workspace's folder, and refuses another contract or role", async () => {
  const folder = await temporaryFolder();
  const host = new ExtensionHost({}, folder);
  const open = async () => new MemoryRecordStore();
  const options = {
    "~standard": { version: 1 as const, vendor: "test", validate: (value: unknown) => ({ value }) },
  };
  const own = defineExtension({ role: "recordStore", name: "own", version: "1", contract: 1, options, open });
  const load = (extension: unknown) =>
    new ExtensionHost(
      {
        own: [
          { name: "own", roles: ["recordStore", "blobStore"], load: async () => ({ default: extension }) },
        ],
      },
      folder,
    );
  await using opened = (await load(own).open("recordStore", "own:")).instance;
  expect(opened.name).toBe("memory");
  await expect(load({ ...own, contract: 2 }).open("recordStore", "own:")).rejects.toMatchObject({
    code: "RMTC_EXTENSION_INVALID",
  });
  await expect(load(own).open("blobStore", "own:")).rejects.toMatchObject({ code: "RMTC_EXTENSION_INVALID" });
  await expect(host.open("recordStore", { use: "not-installed" })).rejects.toMatchObject({
    code: "RMTC_EXTENSION_INVALID",
  });
  await writeFile(join(folder, "package.json"), "{}");
  await writeFile(
    join(folder, "nas.mjs"),
    "export default { role: 'recordStore', name: 'nas', version: '1', contract: 1, options: { '~standard': { validate: () => ({ issues: [{ message: 'no', path: ['root'] }] }) } }, open() {} };",
  );
  await expect(host.open("recordStore", { use: "./nas.mjs" })).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer: "/root",
  });
});

it("loads an extension in another process by its command, and finds it by its name as well", async () => {
  const guest = fileURLToPath(new URL("../../wire/test/fixtures/serve-stores.ts", import.meta.url));
  const location = { command: [process.execPath, "--conditions=@rmtc/source", guest] };
  const host = new ExtensionHost({}, await temporaryFolder(), [location]);
  await using opened = (await host.open("runStore", location)).instance;
  expect(await opened.pendingSeals()).toEqual([]);
  const byName = await host.open("runStore", { use: "@rmtc/store-memory" });
  await using again = byName.instance;
  expect([again.name, byName.name]).toEqual(["memory", "@rmtc/store-memory"]);
  await expect(host.open("trainer", location)).rejects.toMatchObject({ code: "RMTC_EXTENSION_INVALID" });
  await expect(host.open("runStore", { ...location, options: { path: "x" } })).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer: "/path",
  });
  await expect(host.open("runStore", { command: ["./no-such-program"] })).rejects.toMatchObject({
    code: "RMTC_PROCESS_FAILED",
  });
});
