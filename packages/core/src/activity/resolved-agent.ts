// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { RmtcRecord } from "@rmtc/spec";
import type { RecordReference } from "../record-link.ts";

/** A person or environment that is linked to. */
export interface ResolvedAgent {
  readonly reference: RecordReference;
  /** Its record, if none was held: it is put with what links to it, so that a kill leaves neither or both. */
  readonly made: readonly RmtcRecord[];
}
