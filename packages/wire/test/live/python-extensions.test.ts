// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { rm } from "node:fs/promises";
import { killChildProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeGuest, describeInferer, describeTrainer } from "@rmtc/conformance/vitest";
import type { Extension } from "@rmtc/contract";
import { afterAll } from "vitest";
import { loadCommand } from "../../src/index.ts";
import { pixelWeights } from "../fixtures/pixel-weights.ts";
import { pythonCommand } from "../fixtures/python-command.ts";

const [trainer] = await loadCommand(pythonCommand("pixel_trainer.py"));
const [inferer] = await loadCommand(pythonCommand("pixel_inferer.py"));
const { weights, folder } = await pixelWeights();
afterAll(() => rm(folder, { recursive: true }));

const kill = killChildProcesses;
const part = { scale: 0.2 };
const otherArchitecture = { name: "pixel", options: { hidden: 4 } };
describeTrainer(
  "The trainer in Python",
  subjectFromExtension(trainer as Extension<"trainer">, {}, { kill, fixture: { otherArchitecture } }),
  part,
);
describeInferer(
  "The inferer in Python",
  subjectFromExtension(inferer as Extension<"inferer">, {}, { kill, fixture: { weights } }),
  part,
);
describeGuest("The guest of the trainer in Python", pythonCommand("pixel_trainer.py"));
describeGuest("The guest of the inferer in Python", pythonCommand("pixel_inferer.py"));
