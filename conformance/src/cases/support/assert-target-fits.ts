// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import assert from "node:assert/strict";
import type { PlatformTarget } from "@rmtc/contract";
import { judgeVersion, platformYears, vfxPlatformYears } from "@rmtc/spec";

/** Asserts that a declared year is one of the AI platform's, and that its rows fit what is said to be needed. */
export function assertTargetFits(target: PlatformTarget | undefined): void {
  assert.ok(target, "no year is declared");
  const year = platformYears.find((one) => one.year === target.year);
  assert.ok(year, `there is no year ${target.year} of the AI platform`);
  const vfx = vfxPlatformYears.find((one) => one.year === year.vfx_platform);
  const rows = new Map(Object.entries({ ...vfx?.components, ...year.components }));
  const needs = Object.entries(target.needs);
  assert.ok(needs.length > 0, "no component is said to be needed");
  for (const [component, version] of needs) {
    const row = rows.get(component);
    assert.ok(row, `${year.year} has no row ${component}`);
    const verdict = judgeVersion(row, version, "needs");
    assert.equal(verdict, "fits", `${component} ${version} beside ${year.year}'s ${row.version}: ${verdict}`);
  }
}
