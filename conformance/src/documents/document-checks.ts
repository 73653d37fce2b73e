// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** One thing that a run over documents looks at, with the demand that it holds. */
export interface DocumentCheck {
  /** `documents.topic.behaviour`, never reused for another behaviour. */
  readonly id: string;
  readonly level: "must";
  /** File and anchor of the sentence in the standard. */
  readonly spec: string;
  /** The behaviour in the present tense. */
  readonly title: string;
}

const rows = [
  ["json.i-json", "record.md#rmtc-rec-015", "is I-JSON in UTF-8 without a key that comes twice"],
  ["record.envelope", "record.md#rmtc-rec-001", "has an envelope that matches its schema"],
  ["record.known-fields", "record.md#rmtc-rec-002", "has no top-level field that the envelope does not list"],
  ["record.paths", "record.md#rmtc-rec-008", "names its files by paths that stay in their folder"],
  ["record.salts", "record.md#rmtc-rec-020", "has a salt for each disclosed part, and none without one"],
  ["record.redacted", "record.md#rmtc-rec-024", "does not disclose a part that it redacts"],
  ["record.one-digest", "record.md#rmtc-rec-003", "has no id that stands for two contents"],
  ["record.body", "record.md#rmtc-rec-007", "has a body that matches the schema of its kind"],
  ["record.link-indexes", "record.md#rmtc-rec-042", "names in its body only links that it has"],
  ["record.no-ids-in-body", "record.md#rmtc-rec-044", "names no record in its body but by a link's index"],
  ["record.external", "record.md#rmtc-rec-121", "has no files of weights that are known only as a service"],
  ["record.paths-once", "record.md#rmtc-rec-131", "has no two files with one path"],
  ["record.media-types", "record.md#rmtc-rec-132", "gives files of a registered suffix the media type of it"],
  ["record.own-prefix", "registries.md#rmtc-reg-012", "uses no prefix that is meant for examples"],
  ["link.digest", "record.md#rmtc-rec-040", "links to records under the digests that they have"],
  ["link.relation", "provenance.md#rmtc-prv-001", "uses relations as the relation table says"],
  ["link.supersedes", "provenance.md#rmtc-prv-080", "says of what it supersedes if it is a revision"],
  ["seal.about", "provenance.md#rmtc-prv-014", "links from a seal to its activity"],
  ["consent.about", "record.md#rmtc-rec-053", "links from a consent to its subjects"],
  ["notice.about", "provenance.md#rmtc-prv-060", "names in a fact only records that the notice is about"],
  ["notice.envelope", "provenance.md#rmtc-prv-061", "signs a notice's own content"],
  ["notice.signature", "provenance.md#rmtc-prv-062", "signs by one of the keys that the tester gave"],
  ["inference.people", "provenance.md#rmtc-prv-036", "names writers and actors by links to people"],
  ["dataset.links", "provenance.md#rmtc-prv-049", "has no dataset of more than 10,000 links"],
  ["dataset.root", "provenance.md#rmtc-prv-044", "has the items' root that follows from the segments"],
  ["segment.size", "provenance.md#rmtc-prv-040", "has from 1 to 65,536 lines in a segment"],
  ["segment.lines", "provenance.md#rmtc-prv-041", "has canonical lines of an item and its salt, or a leaf"],
  ["segment.root", "provenance.md#rmtc-prv-043", "has the count and root of each segment"],
  ["segment.names", "provenance.md#rmtc-prv-048", "names in items only records that the dataset links to"],
  ["file.digest", "record.md#rmtc-rec-130", "has files of the digest and size that their record says"],
  ["file.c4", "record.md#rmtc-rec-133", "gives a file the C4 ID of its bytes"],
  ["layout.schema", "tensor-layout.md#rmtc-ten-001", "has layouts that match their schema"],
  ["layout.rules", "tensor-layout.md#rmtc-ten-008", "has layouts that keep the rules no schema can state"],
  ["tensors.format", "tensor-layout.md#rmtc-ten-091", "has tensor files that are whole"],
  ["tensors.dtypes", "tensor-layout.md#rmtc-ten-092", "has tensors of known element types"],
  ["tensors.limits", "tensor-layout.md#rmtc-ten-093", "has tensor files within the limits of readers"],
] as const;

/** The id of a check, without `documents.` before it. */
export type DocumentCheckName = (typeof rows)[number][0];

/** Everything that a run over documents looks at. */
export const documentChecks: readonly DocumentCheck[] = rows.map(([name, spec, title]) => ({
  id: `documents.${name}`,
  level: "must",
  spec,
  title,
}));

/** Returns the number of the demand that a check holds, for example `RMTC-REC-001`. */
export function demandOf(name: DocumentCheckName): string {
  const [, spec = ""] = rows.find(([one]) => one === name) ?? [];
  return spec.slice(spec.indexOf("#") + 1).toUpperCase();
}
