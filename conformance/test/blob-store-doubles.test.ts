// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { blobStoreDoubles } from "./doubles/blob-store/index.ts";
import { checkDoubles } from "./doubles/check-doubles.ts";

checkDoubles("blobStore", blobStoreDoubles);
