// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** For each double, every case that catches it beside the one that it breaks. */
export const alsoCaughtBy: Readonly<Record<string, readonly string[]>> = {
  "notes-in-the-source": [
    "converter.concurrent.convert",
    "converter.names.kept",
    "converter.names.nothing-dropped",
    "converter.report.changes",
    "converter.report.error",
    "converter.results.folder",
    "converter.results.repeatable",
    "converter.results.whole",
    "converter.values.back",
    "converter.values.rounded",
  ],
  "signs-its-work": ["converter.concurrent.convert"],
  "says-nothing": ["converter.values.infinite"],
  "turns-a-sign": ["converter.report.changes"],
  "renames-in-silence": ["converter.values.back", "converter.values.infinite"],
  "drops-the-last-tensor": ["converter.names.kept", "converter.report.changes", "converter.values.back"],
  "closes-once": ["converter.closed.convert"],
};
