// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Extension, RmtcError } from "@rmtc/contract";
import type { TestedRole, TestedRoles } from "./conformance-case.ts";
import type { Subject, SubjectFactory } from "./subject.ts";

/**
 * Makes subjects from an extension and its options, with relative paths starting at the case's own folder.
 *
 * @param more What the subject has beside instances of the extension.
 * @throws RMTC_OPTION_INVALID, when a subject is made, if the extension does not take the options.
 */
export function subjectFromExtension<R extends TestedRole, Options>(
  extension: Extension<R, Options>,
  options: unknown,
  more: Pick<Subject, "fixture" | "kill"> = {},
): SubjectFactory<TestedRoles[R]> {
  return async (folder) => {
    const checked = await extension.options["~standard"].validate(options);
    if (checked.issues !== undefined) {
      const reasons = checked.issues.map(({ message }) => message);
      throw new RmtcError("RMTC_OPTION_INVALID", `${extension.name}: ${reasons.join(" ")}`, { reasons });
    }
    const open = async (): Promise<TestedRoles[R]> =>
      await extension.open(checked.value, { baseFolder: folder });
    const store = await open();
    const keeps: object = store.capabilities;
    const lasts = ["durable", "detached"].some((name) => Reflect.get(keeps, name) === true);
    return lasts ? { ...more, store, reopen: open } : { ...more, store };
  };
}
