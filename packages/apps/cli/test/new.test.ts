// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractVersions } from "@rmtc/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseExtensionName } from "../src/new/extension-name.ts";
import { pythonFiles, pythonRoles } from "../src/new/python-files.ts";
import { typeScriptFiles, typeScriptRoles } from "../src/new/typescript-files.ts";
import { writeNewFolder } from "../src/new/write-new-folder.ts";
import { runJson, runRmtc } from "./fixtures/run-rmtc.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmtc-new-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the command", () => {
  it("makes a package and says what to do next", async () => {
    const { stdout } = await runRmtc(folder, ["new", "blob-store", "@facility/nas"]);
    expect(stdout).toBe(
      `@facility/rmtc-blob-store-nas is in ${join(folder, "rmtc-blob-store-nas")}, 7 files. Next:\n\n  cd rmtc-blob-store-nas\n  npm install\n  npm test\n`,
    );
    const source = await readFile(join(folder, "rmtc-blob-store-nas", "src", "nas-blob-store.ts"), "utf8");
    expect(source).toContain("export class NasBlobStore implements BlobStore");
  });

  it("tells a program what it made", async () => {
    const made = await runJson(folder, ["new", "trainer", "torch", "--language", "python", "--into", "py"]);
    expect(made).toEqual({
      folder: join(folder, "py", "rmtc-trainer-torch"),
      package: "rmtc-trainer-torch",
      role: "trainer",
      language: "python",
      files: [
        ".gitignore",
        "README.md",
        "exr_image.py",
        "pixel_network.py",
        "rmtc_wire.py",
        "safetensors_file.py",
        "torch_trainer.py",
      ],
      commands: ["rmtc conformance --command 'python3 torch_trainer.py'"],
    });
  });

  it.each([
    ["a role that there is not", ["store", "nas"], /There is no TypeScript template for the role "store"/],
    ["a role of Object's own", ["constructor", "nas"], /no TypeScript template for the role "constructor"/],
    ["such a role in Python", ["toString", "nas", "--language", "python"], /no Python template for the role/],
    ["a role without a program in Python", ["blob-store", "nas", "--language", "python"], /trainer, inferer/],
    ["another language", ["inferer", "nas", "--language", "cobol"], /typescript or python/],
    ["a name in capitals", ["inferer", "Nas"], /lower-case letters/],
    ["a name that leaves the folder", ["inferer", "../nas"], /lower-case letters/],
  ])("refuses %s and writes nothing", async (_, args, message) => {
    const before = await readdir(folder);
    const error = await runJson(folder, ["new", ...args], 1);
    expect(error).toMatchObject({
      error: { code: "RMTC_OPTION_INVALID", message: expect.stringMatching(message) },
    });
    expect(await readdir(folder)).toEqual(before);
  });
});

describe("the files", () => {
  const name = (role: string) => parseExtensionName(role, "render-farm");

  it.each(typeScriptRoles)("of a %s in TypeScript hold nothing of the template's name", async (role) => {
    const { files } = await typeScriptFiles(role, name(role));
    for (const [path, text] of files) expect(path + text, path).not.toMatch(/acme|Acme|\bROLE\b|CONFIG_KEY/);
    const manifest = JSON.parse(files.get("package.json") ?? "") as {
      readonly dependencies: Readonly<Record<string, string>>;
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const sources = [...files].filter(([path]) => path.endsWith(".ts")).map(([, text]) => text);
    const imported = sources.flatMap((text) => [...text.matchAll(/from "(@?[a-z][^".]*)"/g)]);
    const packages = imported.map(([, from = ""]) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? "");
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    const foreign = packages.filter((one) => !one.startsWith("node:") && !declared.includes(one));
    expect(foreign).toEqual([]);
    expect(Object.keys(manifest.dependencies).filter((one) => !packages.includes(one))).toEqual([]);
  });

  it("are there for every role, and the guide lists them", async () => {
    const roles = Object.keys(contractVersions).map((role) =>
      role.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    expect([...typeScriptRoles].sort()).toEqual(roles.sort());
    const path = new URL("../../../../docs/guides/write-an-extension.md", import.meta.url);
    const listed = [...(await readFile(path, "utf8")).matchAll(/^\| `([a-z-]+)`/gm)].map(([, role]) => role);
    expect(listed.sort()).toEqual(roles);
  });

  it("ask for the tools that the templates are tested with", async () => {
    const { files } = await typeScriptFiles("inferer", name("inferer"));
    const { devDependencies } = JSON.parse(files.get("package.json") ?? "");
    const path = new URL("../../../../package.json", import.meta.url);
    const { devDependencies: tools } = JSON.parse(await readFile(path, "utf8"));
    const { typescript, vitest, "@types/node": node } = tools;
    expect(devDependencies).toMatchObject({ typescript, vitest, "@types/node": node });
  });

  it.each(pythonRoles)("of a %s in Python go by the new name", async (role) => {
    const { files } = await pythonFiles(role, name(role));
    const program = files.get(`render_farm_${role}.py`);
    expect(program).toContain(`name = "rmtc-${role}-render-farm"`);
    expect(program).toMatch(new RegExp(`serve\\(RenderFarm${role}Extension`, "i"));
    expect(program).not.toMatch(new RegExp(`pixel.?${role}`, "i"));
    for (const [, module] of (program ?? "").matchAll(/^from (\w+) import/gm)) {
      if (["__future__", "array", "typing"].includes(module ?? "")) continue;
      expect([...files.keys()]).toContain(`${module}.py`);
    }
  });
});

describe("the folder", () => {
  it("is never written over, whatever is there", async () => {
    const taken = join(folder, "taken");
    await writeFile(taken, "mine");
    await expect(writeNewFolder(taken, new Map([["a", "b"]]))).rejects.toMatchObject({
      code: "RMTC_STATE_INVALID",
      subject: taken,
    });
    expect(await readFile(taken, "utf8")).toBe("mine");
  });

  it("is there as a whole or not at all", async () => {
    const before = await readdir(folder);
    const files = new Map([
      ["a", "1"],
      ["a/b", "2"],
    ]);
    await expect(writeNewFolder(join(folder, "broken"), files)).rejects.toMatchObject({
      code: "RMTC_PATH_INVALID",
    });
    expect(await readdir(folder)).toEqual(before);
  });
});
