// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { validators } from "./generated/validators.ts";

/** The schemas of the standard, by name. */
export type SchemaName = keyof typeof validators;

/** What is wrong with a document, and where. */
export interface DocumentIssue {
  /** RFC 6901 pointer to the value that is wrong. */
  readonly pointer: string;
  readonly message: string;
}

/** Checks a value against a schema and returns the first thing that is wrong, or `undefined`. */
export function validateDocument(schema: SchemaName, value: unknown): DocumentIssue | undefined {
  const validator = validators[schema];
  if (validator(value)) return undefined;
  const error = validator.errors?.[0];
  if (error === undefined) return { pointer: "", message: "does not match its schema" };
  const unknown = error.params.additionalProperty;
  if (typeof unknown === "string") {
    const token = unknown.replaceAll("~", "~0").replaceAll("/", "~1");
    return { pointer: `${error.instancePath}/${token}`, message: "is not a known field" };
  }
  const allowed = error.params.allowedValues;
  const choices = Array.isArray(allowed) ? `: ${allowed.join(", ")}` : "";
  return {
    pointer: error.instancePath,
    message: `${error.message ?? "does not match its schema"}${choices}`,
  };
}
