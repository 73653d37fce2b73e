// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { publishRecord } from "@rmtc/core";
import { type Command, Option } from "commander";
import { addCommonOptions } from "../../add-common-options.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

/** `rmtc publish subject`. */
export function registerSubject(publish: Command): void {
  const command = publish
    .command("subject")
    .summary("a performer or other person depicted")
    .description(
      "Publishes a person who is depicted, under a pseudonym: never put a real name into a record that others will hold.",
    )
    .argument("<pseudonym>", "what the person is called here");
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  rmtc publish subject hero-a")
    .action(async (name: string, options: WorkspaceOptions) => {
      await withWorkspace(options, async (workspace) => {
        reportPublished(
          "subject",
          name,
          await publishRecord(workspace, { kind: "subject", name, body: {} }),
          options.json,
        );
      });
    });
}

/** `rmtc publish party`. */
export function registerParty(publish: Command): void {
  const command = publish
    .command("party")
    .summary("a person, organisation or facility")
    .description("Publishes a party: somebody who does, owns or receives things.")
    .argument("<name>", "its name")
    .addOption(
      new Option("--type <type>", "what it is")
        .choices(["person", "organization", "facility"])
        .makeOptionMandatory(),
    );
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  rmtc publish party 'Aurora Pictures' --type organization")
    .action(async (name: string, options: WorkspaceOptions & { readonly type: string }) => {
      await withWorkspace(options, async (workspace) => {
        const reference = await publishRecord(workspace, {
          kind: "party",
          name,
          body: { partyType: options.type },
        });
        reportPublished("party", name, reference, options.json);
      });
    });
}
