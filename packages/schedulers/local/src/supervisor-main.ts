// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Supervisor } from "./supervisor.ts";
import { SupervisorLock } from "./supervisor-lock.ts";

/** What a supervisor says to the process that started it, once. */
export type SupervisorMessage = "supervising" | "anotherSupervises";

/** Runs in a process of its own: `<folder> <slots> <grace in milliseconds>`. */
async function main(folder: string, slots: number, graceMs: number): Promise<void> {
  using lock = new SupervisorLock(folder);
  let taken = lock.take();
  tellStarter(taken ? "supervising" : "anotherSupervises");
  while (taken) {
    await using supervisor = new Supervisor(folder, { slots, graceMs });
    await supervisor.run();
    lock.release();
    // A job submitted before the release saw the lock held and counts on this supervisor.
    taken = (await supervisor.hasWork()) && lock.take();
  }
}

function tellStarter(message: SupervisorMessage): void {
  if (process.send === undefined) return;
  // The starter may be dead already.
  process.send(message, undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}

process.on("SIGHUP", () => undefined);
const [folder = "", slots, graceMs] = process.argv.slice(2);
await main(folder, Number(slots), Number(graceMs));
