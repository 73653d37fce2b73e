// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { subjectFromExtension } from "@rmtc/conformance";
import { describeRecordStore } from "@rmtc/conformance/vitest";
import extension from "../src/index.ts";

describeRecordStore("AcmeRecordStore", subjectFromExtension(extension, {}));
