// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { resolve } from "node:path";
import { linkTo, mediaTypeOf, publishRecord, referenceOf, resolveReference } from "@rmtc/core";
import type { Link, WeightsBody } from "@rmtc/spec";
import type { Command } from "commander";
import { addCommonOptions, collect } from "../../add-common-options.ts";
import { type WorkspaceOptions, withWorkspace } from "../../with-workspace.ts";
import { reportPublished } from "./report-published.ts";

interface Options extends WorkspaceOptions {
  readonly license?: readonly string[];
  readonly model?: string;
  readonly weightsVersion?: string;
}

/** `rmtc publish weights`: weights from elsewhere. */
export function registerWeights(publish: Command): void {
  const command = publish
    .command("weights")
    .summary("weights that no run here made")
    .description(
      "Publishes weights from elsewhere. No run here made them, so what they have seen is unknown, and every answer about them says so.",
    )
    .argument("<name>", "their name")
    .argument("<file>", "the file, for example model.onnx or model.safetensors")
    .option("-l, --license <record>", "a licence they are under (repeatable)", collect)
    .option("-m, --model <record>", "the model they fit")
    .option("--weights-version <version>", "their version");
  addCommonOptions(command)
    .addHelpText("after", "\nExamples:\n  rmtc publish weights base-matting base.onnx --license vendor-terms")
    .action(async (name: string, file: string, options: Options) => {
      await withWorkspace(options, async (workspace) => {
        const links: Link[] = await Promise.all(
          (options.license ?? []).map(async (text) =>
            linkTo("licensedUnder", referenceOf(await resolveReference(workspace, text, ["license"]))),
          ),
        );
        if (options.model !== undefined)
          links.push(
            linkTo("instanceOf", referenceOf(await resolveReference(workspace, options.model, ["model"]))),
          );
        const mediaType = mediaTypeOf(file);
        const format =
          mediaType === "application/vnd.onnx"
            ? "onnx"
            : mediaType === "application/vnd.safetensors"
              ? "safetensors"
              : "other";
        const body: WeightsBody = { format };
        const reference = await publishRecord(workspace, {
          kind: "weights",
          name,
          version: options.weightsVersion,
          links,
          body,
          files: [resolve(file)],
        });
        reportPublished("weights", name, reference, options.json);
      });
    });
}
