// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExtensionFiles, refuseRole } from "./extension-files.ts";
import type { ExtensionName } from "./extension-name.ts";

/** What of the reference in Python each role takes beside its own program. */
const modules: Readonly<Record<string, readonly string[]>> = {
  trainer: ["rmtc_wire.py", "safetensors_file.py", "exr_image.py", "pixel_network.py"],
  inferer: ["rmtc_wire.py", "safetensors_file.py", "pixel_network.py"],
};

/** The roles that there are programs for. */
export const pythonRoles: readonly string[] = Object.keys(modules);

const templates = fileURLToPath(new URL("../../templates/python/", import.meta.url));

/**
 * Makes the files of an extension in Python: the role's program of the reference in `@rmtc/wire` under the new name, and
 * the modules that it imports.
 *
 * @throws RMTC_OPTION_INVALID when there is no program for the role.
 */
export async function pythonFiles(role: string, name: ExtensionName): Promise<ExtensionFiles> {
  const imported = Object.hasOwn(modules, role) ? modules[role] : undefined;
  if (imported === undefined) return refuseRole(role, "Python", pythonRoles);
  const reference = join(dirname(fileURLToPath(import.meta.resolve("@rmtc/wire/package.json"))), "python");
  const files = new Map<string, string>();
  for (const file of imported) files.set(file, await readFile(join(reference, file), "utf8"));

  const module = `${name.name.replaceAll("-", "_")}_${role}`;
  const roleName = role.charAt(0).toUpperCase() + role.slice(1);
  const program = (await readFile(join(reference, `pixel_${role}.py`), "utf8"))
    .replaceAll(`rmtc-pixel-${role}`, name.packageName)
    .replaceAll(`pixel_${role}`, module)
    .replaceAll(`Pixel${roleName}`, `${name.className}${roleName}`)
    .replaceAll('name = "pixel"', `name = "${name.name}"`);
  files.set(`${module}.py`, program);

  const commands =
    role === "inferer"
      ? [
          "python3 make_weights.py > fixture.json",
          `rmtc conformance --command 'python3 ${module}.py' --fixture fixture.json`,
        ]
      : [`rmtc conformance --command 'python3 ${module}.py'`];
  if (role === "inferer") {
    files.set("make_weights.py", await readFile(join(templates, "inferer", "make_weights.py"), "utf8"));
  }
  const readme = (await readFile(join(templates, "README.md"), "utf8"))
    .replaceAll("rmtc-ROLE-acme", name.folderName)
    .replaceAll("ROLE", role)
    .replaceAll("MODULE", module)
    .replace("COMMANDS", commands.join("\n"));
  files.set("README.md", readme);
  files.set(".gitignore", "__pycache__/\n*.safetensors\nfixture.json\n");
  return { files, commands };
}
