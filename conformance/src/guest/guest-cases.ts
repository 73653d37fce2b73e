// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { bytesCases } from "./cases/bytes.ts";
import { endingCases } from "./cases/ending.ts";
import { handshakeCases } from "./cases/handshake.ts";
import { instancesCases } from "./cases/instances.ts";
import { messagesCases } from "./cases/messages.ts";
import type { GuestCase } from "./guest-case.ts";

/** Every case about how a program serves extensions, whatever their roles; each begins with a fresh process. */
export const guestCases: readonly GuestCase[] = [
  ...handshakeCases,
  ...messagesCases,
  ...instancesCases,
  ...bytesCases,
  ...endingCases,
];
