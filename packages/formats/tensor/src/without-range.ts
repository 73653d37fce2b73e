// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { TensorLayout } from "@rmtc/spec";

/** Leaves out the range of values, which a change of signs or scale does not keep. */
export function withoutRange({ valueRange: _, ...layout }: TensorLayout): TensorLayout {
  return layout;
}
