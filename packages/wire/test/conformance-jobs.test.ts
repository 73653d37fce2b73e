// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { killGuestProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeConverter, describeGuest, describeScheduler } from "@rmtc/conformance/vitest";
import type { Extension } from "@rmtc/contract";
import { loadCommand } from "../src/index.ts";
import { fixtureCommand } from "./fixtures/start-fixture.ts";

const [scheduler] = await loadCommand(fixtureCommand("serve-scheduler"));
const [converter] = await loadCommand(fixtureCommand("serve-converter"));

const part = { scale: 0.1 };
const options = { path: "jobs", slots: 4, graceSeconds: 0.1 };
describeScheduler(
  "LocalScheduler over stdio",
  subjectFromExtension(scheduler as Extension<"scheduler">, options, { kill: killGuestProcesses }),
  part,
);
describeConverter(
  "AcmeConverter over stdio",
  subjectFromExtension(converter as Extension<"converter">, {}),
  part,
);
describeGuest("A guest that serves a scheduler", fixtureCommand("serve-scheduler"), { options });
describeGuest("A guest that serves a converter", fixtureCommand("serve-converter"));
