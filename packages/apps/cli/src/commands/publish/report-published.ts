// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RecordReference } from "@rmtc/core";
import { printJson } from "../../output/print-json.ts";
import { style } from "../../output/style.ts";

/** Tells what was published. */
export function reportPublished(
  kind: string,
  name: string,
  reference: RecordReference,
  asJson: boolean | undefined,
): void {
  if (asJson === true) printJson({ kind, name, ...reference });
  else console.log(`${style("cyan", kind)} ${style("bold", name)} ${reference.id.slice("urn:uuid:".length)}`);
}
