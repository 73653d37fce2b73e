// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError } from "@rmtc/contract";
import type { ModelBody, Origin } from "@rmtc/spec";
import type { ExtensionLocation } from "../config/workspace-config.ts";
import { linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import { publishRecord } from "./publish-record.ts";

/** A model to publish. */
export interface PublishModelRequest {
  readonly name: string;
  readonly version?: string | undefined;
  readonly architecture: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly licenses: readonly RecordReference[];
  /** `handmade` for an architecture that somebody wrote down here; unknown unless given. */
  readonly origin?: Origin | undefined;
  readonly trainer?: ExtensionLocation | undefined;
  readonly solution?: RecordReference | undefined;
}

/**
 * Publishes a network architecture that the trainer can build, with its inputs, outputs and size.
 *
 * @throws RMTC_OPTION_INVALID when the trainer does not know the architecture or its options.
 */
export async function publishModel(
  workspace: Workspace,
  request: PublishModelRequest,
): Promise<RecordReference> {
  const { name, version, architecture, licenses, origin, solution } = request;
  await using trainer = (await workspace.openTrainer(request.trainer)).instance;
  if (!trainer.capabilities.architectures.includes(architecture.name)) {
    throw new RmtcError(
      "RMTC_OPTION_INVALID",
      `${trainer.name} does not know the architecture ${architecture.name}; it has ${trainer.capabilities.architectures.join(", ")}.`,
      { pointer: "/architecture/name" },
    );
  }
  const network = await trainer.describe({ architecture, hyperparameters: {} });
  const body: ModelBody = {
    architecture: { name: architecture.name, options: { ...architecture.options } },
    inputs: [...network.inputs],
    outputs: [...network.outputs],
    parameterCount: network.parameterCount,
    ...(origin === undefined ? {} : { origin }),
  };
  const links = [
    ...licenses.map((license) => linkTo("licensedUnder", license)),
    ...(solution === undefined ? [] : [linkTo("createdFor", solution)]),
  ];
  return await publishRecord(workspace, { kind: "model", name, version, links, body });
}
