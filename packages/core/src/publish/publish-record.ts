// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, recordDigest } from "@rmtc/attest";
import type { File, Link, RecordKind, RmtcRecord } from "@rmtc/spec";
import { resolvePerson } from "../activity/person.ts";
import { putRecords } from "../put-records.ts";
import { linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";
import { putFiles, requireDistinctNames } from "./put-files.ts";

/** A record to publish. */
export interface PublishRequest {
  readonly kind: RecordKind;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly links?: readonly Link[] | undefined;
  readonly body?: object | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Absolute paths of files that belong to the record. */
  readonly files?: readonly string[] | undefined;
}

/**
 * Publishes a record that no run here made: a licence, subject, model, or weights from elsewhere, whose lineage
 * is then unknown. Artifacts are attributed to the person who publishes them.
 *
 * @throws RMTC_DOCUMENT_INVALID when the body does not match the kind's schema.
 */
export async function publishRecord(workspace: Workspace, request: PublishRequest): Promise<RecordReference> {
  const links = [...(request.links ?? [])];
  const records: RmtcRecord[] = [];
  if (request.kind !== "party" && request.kind !== "subject") {
    const person = await resolvePerson(workspace);
    links.push(linkTo("attributedTo", person.reference));
    records.push(...person.made);
  }
  requireDistinctNames(request.files ?? []);
  const files: File[] = await putFiles(workspace, request.files ?? []);
  const { kind, name, version, annotations } = request;
  const record = makeRecord({
    kind,
    name,
    version,
    links,
    ...(request.tags === undefined || request.tags.length === 0 ? {} : { tags: [...request.tags] }),
    ...(files.length === 0 ? {} : { files }),
    ...(request.body === undefined ? {} : { body: { ...request.body } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  });
  await putRecords(workspace, [...records, record]);
  return { id: record.id, digest: recordDigest(record) };
}
