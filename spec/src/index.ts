// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

export { platformRules, platformYears, vfxPlatformYears } from "./generated/platform.ts";
export {
  errorTable,
  kindFamilies,
  mediaTypes,
  type QueryField,
  type QueryFieldName,
  type QueryFieldType,
  type QueryFieldTypes,
  type QueryOperator,
  queryFields,
  type Relation,
  type RelationName,
  type RelationStrength,
  relations,
} from "./generated/registry.ts";
export type * from "./generated/types.ts";
export { checkPlatformYear, type PlatformProblem } from "./platform/check-year.ts";
export {
  judgeVersion,
  type PlatformRequirement,
  type PlatformUse,
  type VersionVerdict,
} from "./platform/judge-version.ts";
export { isInVersionRange } from "./platform/version-range.ts";
export { isActivityKind, isArtifactKind, relationOf, relationsOfStrength, strengthOf } from "./relation.ts";
export { type DocumentIssue, type SchemaName, validateDocument } from "./validate.ts";

/** The version of the standard that this package describes. */
export const specVersion = "0.1";
