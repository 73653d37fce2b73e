// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeBlobStore } from "@rmtc/conformance/vitest";
import extension from "../src/index.ts";

describeBlobStore("AcmeBlobStore", subjectFromExtension(extension, {}));
