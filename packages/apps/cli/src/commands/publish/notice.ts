// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { readFile } from "node:fs/promises";
import { RmtcError } from "@rmtc/contract";
import { fileError, likenessKinds, publishNotice, referenceOf, resolveReference } from "@rmtc/core";
import type { CoverageState, FactType, LikenessKind, SubjectCoverage } from "@rmtc/spec";
import { type Command, Option } from "commander";
import { addCommonOptions, collect } from "../../add-common-options.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

interface Options extends WorkspaceOptions {
  readonly fact: FactType;
  readonly withdraw?: boolean;
  readonly about: readonly string[];
  readonly subject?: readonly string[];
  readonly kinds?: string;
  readonly coverage?: CoverageState;
  readonly reason?: string;
  readonly key?: string;
}

/** `rmtc publish notice`: a later fact about older records. */
export function registerNotice(publish: Command): void {
  const command = publish
    .command("notice")
    .summary("a later fact about older records")
    .description(
      "Publishes a fact that was learnt later. What widens exposure always counts; what narrows it counts only if it is signed with a key that the reader trusts.",
    )
    .addOption(
      new Option("--fact <type>", "what the fact says")
        .choices(["depicts", "coverage", "sameAs", "revocation", "withdrawal", "correction", "decision"])
        .makeOptionMandatory(),
    )
    .option("--withdraw", "the opposite: withdraw such a fact")
    .requiredOption("--about <record>", "what it is about (repeatable)", collect)
    .option("--subject <record>", "a subject it names (repeatable)", collect)
    .option("--kinds <kinds>", "kinds of likeness it is about (default: all)")
    .addOption(
      new Option("--coverage <state>", "with --fact coverage: how completely subjects are known").choices([
        "complete",
        "partial",
        "unknown",
      ]),
    )
    .option("--reason <text>", "why")
    .option("--key <file>", "a P-256 private key in PEM that signs it");
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  rmtc publish notice --fact depicts --about sh010.1012.exr --subject hero-b --reason 'seen in the mirror'\n  rmtc publish notice --fact sameAs --about hero-b --subject performer-17",
    )
    .action(async (options: Options) => {
      await withWorkspace(options, async (workspace) => {
        const resolve = async (text: string) => referenceOf(await resolveReference(workspace, text));
        const kinds = options.kinds?.split(",") as LikenessKind[] | undefined;
        const state = options.coverage;
        if ((options.fact === "coverage") !== (state !== undefined)) {
          throw new RmtcError(
            "RMTC_OPTION_INVALID",
            "--coverage goes with --fact coverage, and only with it.",
          );
        }
        const coverage: SubjectCoverage | undefined =
          state === undefined
            ? undefined
            : Object.fromEntries((kinds ?? likenessKinds).map((kind) => [kind, { state }]));
        const reference = await publishNotice(
          workspace,
          [
            {
              type: options.fact,
              effect: options.withdraw === true ? "withdraws" : "asserts",
              about: await Promise.all(options.about.map(resolve)),
              ...(options.subject === undefined
                ? {}
                : { subjects: await Promise.all(options.subject.map(resolve)) }),
              ...(kinds === undefined || coverage !== undefined ? {} : { kinds }),
              ...(coverage === undefined ? {} : { coverage }),
              ...(options.reason === undefined ? {} : { reason: options.reason }),
            },
          ],
          options.key === undefined ? undefined : await readKey(options.key),
        );
        reportPublished("notice", options.fact, reference, options.json);
      });
    });
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, path);
  }
}
