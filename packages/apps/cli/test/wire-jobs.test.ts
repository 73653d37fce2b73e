// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { fileURLToPath } from "node:url";
import { killGuestProcesses, subjectFromExtension } from "@rmtc/conformance";
import { describeConverter, describeGuest, describeScheduler } from "@rmtc/conformance/vitest";
import type { Extension } from "@rmtc/contract";
import { type GuestCommand, loadCommand } from "@rmtc/wire";

/** The command line that serves a fixture of this folder. */
function fixtureCommand(name: string): GuestCommand {
  const path = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return { command: [process.execPath, "--conditions=@rmtc/source", path], folder: import.meta.dirname };
}

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
