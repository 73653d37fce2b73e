// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** The little of jsonld that the tests call; the package has no types of its own. */
declare module "jsonld" {
  export function toRDF(document: object): Promise<unknown>;
}
