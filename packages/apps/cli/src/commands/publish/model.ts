// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { publishModel, referenceOf, resolveReference } from "@rmtc/core";
import type { Origin } from "@rmtc/spec";
import { type Command, Option } from "commander";
import { addCommonOptions, collect } from "../../add-common-options.ts";
import { parseAssignments } from "../../parse-assignments.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

interface Options extends WorkspaceOptions {
  readonly architecture: string;
  readonly set?: readonly string[];
  readonly license?: readonly string[];
  readonly origin?: Origin;
  readonly modelVersion?: string;
  readonly solution?: string;
}

/** `rmtc publish model`. */
export function registerModel(publish: Command): void {
  const command = publish
    .command("model")
    .summary("a network architecture, without weights")
    .description("Publishes an architecture that the workspace's trainer can build.")
    .argument("<name>", "its name")
    .requiredOption("-a, --architecture <name>", "architecture, for example unet")
    .option("--set <option=value>", "an option of the architecture (repeatable)", collect)
    .option("-l, --license <record>", "a licence it is under (repeatable)", collect)
    .addOption(new Option("--origin <origin>", "handmade, if it was written down here").choices(["handmade"]))
    .option("--model-version <version>", "its version")
    .option("--solution <record>", "the solution this is for");
  addCommonOptions(command)
    .addHelpText(
      "after",
      '\nExamples:\n  rmtc publish model roto-net --architecture unet --set \'outputChannels=["heroA","heroB"]\' --license show-terms --origin handmade',
    )
    .action(async (name: string, options: Options) => {
      await withWorkspace(options, async (workspace) => {
        const licenses = await Promise.all(
          (options.license ?? []).map(async (text) =>
            referenceOf(await resolveReference(workspace, text, ["license"])),
          ),
        );
        const reference = await publishModel(workspace, {
          name,
          version: options.modelVersion,
          architecture: { name: options.architecture, options: parseAssignments(options.set ?? []) },
          licenses,
          origin: options.origin,
          solution:
            options.solution === undefined
              ? undefined
              : referenceOf(await resolveReference(workspace, options.solution, ["solution"])),
        });
        reportPublished("model", name, reference, options.json);
      });
    });
}
