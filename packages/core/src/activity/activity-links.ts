// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Link, RmtcRecord } from "@rmtc/spec";
import { linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import { resolveEnvironment } from "./environment.ts";
import { resolvePerson } from "./person.ts";

/** Who does something, where, and for which solution. */
export interface ActivityContext {
  readonly person: RecordReference;
  readonly environment: RecordReference;
  readonly solution?: RecordReference | undefined;
  /** Records of person and environment that are not held yet: they are put with the activity. */
  readonly made: readonly RmtcRecord[];
}

/** Finds or makes the records of the person and the environment of an activity that starts now. */
export async function resolveContext(
  workspace: Workspace,
  solution: RecordReference | undefined,
  software: readonly { readonly name: string; readonly version: string }[] = [],
): Promise<ActivityContext> {
  const person = await resolvePerson(workspace);
  const environment = await resolveEnvironment(workspace, software);
  return {
    person: person.reference,
    environment: environment.reference,
    solution,
    made: [...person.made, ...environment.made],
  };
}

/** The links that every activity carries beside its inputs. */
export function activityLinks(context: Omit<ActivityContext, "made">): Link[] {
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
