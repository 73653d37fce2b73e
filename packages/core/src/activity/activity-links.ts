// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Link } from "@rmtc/spec";
import { linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import { recordEnvironment } from "./environment.ts";
import { recordPerson } from "./person.ts";

/** Who does something, where, and for which solution. */
export interface ActivityContext {
  readonly person: RecordReference;
  readonly environment: RecordReference;
  readonly solution?: RecordReference | undefined;
}

/** Records the person and the environment of an activity that starts now, unless they are known. */
export async function recordContext(
  workspace: Workspace,
  solution: RecordReference | undefined,
  software: readonly { readonly name: string; readonly version: string }[] = [],
): Promise<ActivityContext> {
  return {
    person: await recordPerson(workspace),
    environment: await recordEnvironment(workspace, software),
    solution,
  };
}

/** The links that every activity carries beside its inputs. */
export function activityLinks(context: ActivityContext): Link[] {
  return [
    linkTo("attributedTo", context.person),
    linkTo("environment", context.environment),
    ...(context.solution === undefined ? [] : [linkTo("createdFor", context.solution)]),
  ];
}

/** The links that every output carries beside what it was made from. */
export function outputLinks(
  activity: RecordReference,
  licenses: readonly RecordReference[],
  context: Pick<ActivityContext, "person" | "solution">,
): Link[] {
  return [
    linkTo("generatedBy", activity),
    ...licenses.map((license) => linkTo("licensedUnder", license)),
    linkTo("attributedTo", context.person),
    ...(context.solution === undefined ? [] : [linkTo("createdFor", context.solution)]),
  ];
}
