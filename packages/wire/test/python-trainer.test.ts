// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeTrainer } from "@rmtc/conformance/vitest";
import type { Extension } from "@rmtc/contract";
import { loadCommand } from "../src/index.ts";

const folder = new URL("../python/", import.meta.url).pathname;
const [trainer] = await loadCommand({ command: ["python3", "pixel_trainer.py"], folder });
const otherArchitecture = { name: "pixel", options: { hidden: 4 } };

describeTrainer(
  "the trainer in Python",
  subjectFromExtension(trainer as Extension<"trainer">, {}, { fixture: { otherArchitecture } }),
);
