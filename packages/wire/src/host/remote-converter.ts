// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Converter, ConvertResult } from "@rmtc/contract";
import type { WireConverter } from "@rmtc/spec";
import { checkReportedFiles } from "./check-reported-files.ts";
import type { RemoteInstance } from "./remote-instance.ts";

/** A converter in a guest. */
export function remoteConverter(remote: RemoteInstance<WireConverter>): Converter {
  const { name, capabilities } = remote.opened;
  return {
    name,
    capabilities,
    async convert(request, options) {
      const result = await remote.call<ConvertResult>("converter/convert", { request }, options);
      await checkReportedFiles(remote, result.files, request.outputFolder);
      return result;
    },
    [Symbol.asyncDispose]: () => remote.close(),
  };
}
