// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { makeRecord, recordDigest, signNotice } from "@rmtc/attest";
import type { Fact } from "@rmtc/spec";
import { resolvePerson } from "../activity/person.ts";
import { putRecords } from "../put-records.ts";
import { linksTo, linkTo, type RecordReference } from "../record-link.ts";
import type { Workspace } from "../workspace.ts";

/** A fact to publish, with records in place of link indexes. */
export interface FactRequest extends Omit<Fact, "about" | "subjects" | "grantedBy"> {
  readonly about: readonly RecordReference[];
  readonly subjects?: readonly RecordReference[] | undefined;
}

/**
 * Publishes later facts about older records, signed if a private key is given.
 *
 * A fact that narrows what is known, such as a withdrawn depiction, counts only with a signature of a key that
 * the reader's configuration trusts.
 *
 * @throws RMTC_OPTION_INVALID when the key is not a P-256 private key in PEM.
 */
export async function publishNotice(
  workspace: Workspace,
  facts: readonly FactRequest[],
  privateKeyPem?: string,
): Promise<RecordReference> {
  const about = linksTo(
    "about",
    facts.flatMap((fact) => [...fact.about, ...(fact.subjects ?? [])]),
  );
  const indexOf = ({ id }: RecordReference): number => about.findIndex((link) => link.to === id);
  const person = await resolvePerson(workspace);
  const notice = makeRecord({
    kind: "notice",
    links: [...about, linkTo("attributedTo", person.reference)],
    body: {
      facts: facts.map(({ about: records, subjects, ...fact }) => ({
        ...fact,
        about: records.map(indexOf),
        ...(subjects === undefined ? {} : { subjects: subjects.map(indexOf) }),
      })),
    },
  });
  const record = privateKeyPem === undefined ? notice : signNotice(notice, privateKeyPem);
  await putRecords(workspace, [...person.made, record]);
  return { id: record.id, digest: recordDigest(record) };
}
