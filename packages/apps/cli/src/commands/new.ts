// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { relative, resolve } from "node:path";
import { RmtcError } from "@rmtc/contract";
import type { Command } from "commander";
import type { MakeExtensionFiles } from "../new/extension-files.ts";
import { parseExtensionName } from "../new/extension-name.ts";
import { pythonFiles, pythonRoles } from "../new/python-files.ts";
import { typeScriptFiles, typeScriptRoles } from "../new/typescript-files.ts";
import { writeNewFolder } from "../new/write-new-folder.ts";
import { printJson } from "../output/print-json.ts";

const languages: Readonly<Record<string, MakeExtensionFiles>> = {
  typescript: typeScriptFiles,
  python: pythonFiles,
};

/** `rmtc new`: makes a package with an extension that works and passes its conformance cases. */
export function register(program: Command): void {
  program
    .command("new")
    .summary("make a package with an extension of your own")
    .description(
      `Makes a package with a small extension that works and passes the conformance suite, to be changed into your own.\n\nRoles: ${typeScriptRoles.join(", ")}. In Python: ${pythonRoles.join(", ")}.`,
    )
    .argument("<role>", "what it does, for example blob-store")
    .argument("<name>", "its name, for example nas, or @facility/nas with the npm scope of your packages")
    .option("--language <language>", "typescript or python", "typescript")
    .option("--into <folder>", "the folder that the package's folder is made in", ".")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc new blob-store nas\n  rmtc new scheduler @facility/render-farm --into packages\n  rmtc new trainer torch --language python",
    )
    .action(
      async (role: string, text: string, options: { language: string; into: string; json?: boolean }) => {
        const { language, into } = options;
        const makeFiles = Object.hasOwn(languages, language) ? languages[language] : undefined;
        if (makeFiles === undefined) {
          throw new RmtcError(
            "RMTC_OPTION_INVALID",
            `There are no templates in ${language}; --language is ${Object.keys(languages).join(" or ")}.`,
            { subject: "--language" },
          );
        }
        const name = parseExtensionName(role, text);
        const { files, commands } = await makeFiles(role, name);
        const folder = resolve(into, name.folderName);
        await writeNewFolder(folder, files);
        if (options.json === true) {
          const { packageName } = name;
          printJson({
            folder,
            package: packageName,
            role,
            language,
            files: [...files.keys()].sort(),
            commands,
          });
          return;
        }
        console.log(
          `${name.packageName} is in ${folder}, ${files.size} files. Next:\n\n  cd ${relative("", folder)}`,
        );
        for (const command of commands) console.log(`  ${command}`);
      },
    );
}
