// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { publishRecord } from "@rmtc/core";
import type { LicenseBody } from "@rmtc/spec";
import type { Command } from "commander";
import { addCommonOptions } from "../../add-common-options.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

interface Options extends WorkspaceOptions {
  readonly grants: string;
  readonly excludes?: string;
  readonly requires?: string;
  readonly spdx?: string;
  readonly uri?: string;
  readonly start?: string;
  readonly finish?: string;
}

/** `rmtc publish license`. */
export function registerLicense(publish: Command): void {
  const command = publish
    .command("license")
    .summary("what may be done with artifacts")
    .description("Publishes a licence. Only what it grants is permitted.")
    .argument("<name>", "its name")
    .requiredOption("--grants <acts>", "acts it permits: train,infer,fineTune,convert,deliver …")
    .option("--excludes <acts>", "acts it forbids")
    .option("--requires <duties>", "duties, for example attribution")
    .option("--spdx <expression>", "SPDX licence expression")
    .option("--uri <address>", "where its text stands")
    .option("--start <time>", "first moment, for example 2026-01-01")
    .option("--finish <time>", "last moment");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc publish license show-terms --grants train,infer\n  rmtc publish license cc0 --spdx CC0-1.0 --grants train,fineTune,infer,convert,deliver",
    )
    .action(async (name: string, options: Options) => {
      const { spdx, uri } = options;
      const body: LicenseBody = {
        grants: split(options.grants),
        ...(options.excludes === undefined ? {} : { excludes: split(options.excludes) }),
        ...(options.requires === undefined ? {} : { requires: split(options.requires) }),
        ...(spdx === undefined ? {} : { spdx }),
        ...(uri === undefined ? {} : { uri }),
        ...(options.start === undefined ? {} : { start: toTimestamp(options.start) }),
        ...(options.finish === undefined ? {} : { finish: toTimestamp(options.finish) }),
      };
      await withWorkspace(options, async (workspace) => {
        reportPublished(
          "license",
          name,
          await publishRecord(workspace, { kind: "license", name, body }),
          options.json,
        );
      });
    });
}

function split(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

/** A date as the moment it begins; anything that is no date is left for the schema to refuse. */
function toTimestamp(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
