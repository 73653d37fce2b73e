// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { initWorkspace } from "@rmtc/core";
import type { Command } from "commander";
import { defaultLocations } from "../defaults.ts";
import { printJson } from "../output/print-json.ts";

/** `rmtc init`: makes a folder a workspace. */
export function register(program: Command): void {
  program
    .command("init")
    .summary("make a folder a workspace")
    .description("Makes a folder a workspace: writes rmtc.config.ts, which says where things are kept.")
    .argument("[folder]", "the folder", ".")
    .option("--person <name>", "who works here; activities are attributed to this person")
    .option("--records <url>", "where records are kept", String(defaultLocations.records))
    .option("--runs <url>", "where live run state is kept", String(defaultLocations.runs))
    .option("--blobs <url>", "where bytes are kept", String(defaultLocations.blobs))
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  rmtc init\n  rmtc init shows/aurora --person 'Ada Byron'")
    .action(
      async (
        folder: string,
        options: { person?: string; records: string; runs: string; blobs: string; json?: boolean },
      ) => {
        const { person, records, runs, blobs } = options;
        const path = await initWorkspace(folder, {
          ...(person === undefined ? {} : { person }),
          records,
          runs,
          blobs,
        });
        if (options.json === true) printJson({ workspace: path });
        else console.log(`${path} is a workspace now; rmtc.config.ts says where things are kept.`);
      },
    );
}
