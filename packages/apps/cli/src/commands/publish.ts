// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Command } from "commander";
import { registerDataset } from "./publish/dataset.ts";
import { registerLicense } from "./publish/license.ts";
import { registerModel } from "./publish/model.ts";
import { registerNotice } from "./publish/notice.ts";
import { registerParty, registerSubject } from "./publish/people.ts";
import { registerSolution } from "./publish/solution.ts";
import { registerWeights } from "./publish/weights.ts";

/** `rmtc publish`: everything that no activity here makes. */
export function register(program: Command): void {
  const publish = program
    .command("publish")
    .summary("publish a licence, subject, model, dataset, weights …")
    .description(
      "Publishes a record. What an activity makes (assets, checkpoints, trained weights) is published by it.",
    );
  publish.addHelpText(
    "after",
    "\nExamples:\n  rmtc publish license show-terms --grants train,infer\n  rmtc publish dataset --help",
  );
  registerLicense(publish);
  registerSubject(publish);
  registerParty(publish);
  registerSolution(publish);
  registerModel(publish);
  registerDataset(publish);
  registerWeights(publish);
  registerNotice(publish);
}
