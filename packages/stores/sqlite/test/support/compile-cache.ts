// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { tmpdir } from "node:os";
import { join } from "node:path";

// Every store opens a thread that loads the sources anew; with a compile cache that takes 80 ms instead of 350.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "rmtc-compile-cache");
