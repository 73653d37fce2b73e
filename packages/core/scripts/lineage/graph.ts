// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { recordDigest, redact } from "@rmtc/attest";
import type { Fact, LikenessKind, PartName, RmtcRecord, SubjectCoverage } from "@rmtc/spec";
import { type GapType, likenessKinds, type RecordReference, type Verdict } from "../../src/index.ts";

/** Signs the notices of the vectors. */
export type NoticeSigner = (notice: RmtcRecord) => RmtcRecord;

/** A link of an expected path: the record that holds the link, its relation, and its target. */
export type Step = readonly [from: RecordReference, rel: string, to: RecordReference];

/** What is asked of a graph, and the answer. */
export interface Question {
  readonly description: string;
  readonly artifact: RecordReference;
  readonly target: RecordReference;
  readonly kinds?: readonly LikenessKind[];
  /** As of when so many records had been received: unless given, those put before the question was asked. */
  readonly received?: number;
  readonly verdict: Verdict;
  readonly path?: readonly Step[];
  readonly notice?: RecordReference;
  readonly targets?: readonly RecordReference[];
  readonly gaps?: readonly (readonly [GapType, RecordReference])[];
}

/** What was made from a record. */
export interface DownstreamQuestion {
  readonly description: string;
  readonly record: RecordReference;
  readonly reached: readonly RecordReference[];
  readonly unsealed?: readonly RecordReference[];
  readonly holders?: readonly { readonly delivery: RecordReference; readonly party: RecordReference }[];
  readonly gaps?: readonly (readonly [GapType, RecordReference])[];
}

/** Every subject of every kind is known. */
export const complete: SubjectCoverage = Object.fromEntries(
  likenessKinds.map((kind) => [kind, { state: "complete" as const }]),
);

/** A body for a plate of which everything is known. */
export const known = { origin: "captured", subjectCoverage: complete };

/** The body of an activity whose inputs are closed. */
export const training = { trainer: { name: "acme-trainer", version: "1.0.0" }, seed: 1, inputsClosed: true };

/** A number of the graph; ids are unique over all vectors. */
let made = 0;

/** Records of one test, in the order in which a store receives them. */
export class Graph {
  readonly records: RmtcRecord[] = [];
  readonly questions: object[] = [];
  readonly downstream: object[] = [];
  readonly #sign: NoticeSigner;

  constructor(sign: NoticeSigner) {
    this.#sign = sign;
  }

  /** Starts the ids from the first again, for a further run of the generator. */
  static restart(): void {
    made = 0;
  }

  add(
    kind: string,
    name: string,
    links: readonly (readonly [rel: string, to: RecordReference])[] = [],
    body?: object,
  ): RecordReference {
    return this.put(this.make(kind, name, links, body));
  }

  /** Makes a record without putting it. */
  make(
    kind: string,
    name: string,
    links: readonly (readonly [rel: string, to: RecordReference])[],
    body?: object,
  ): RmtcRecord {
    made += 1;
    return {
      specVersion: "0.1",
      id: `urn:uuid:01936e5a-0000-7000-8000-${made.toString(16).padStart(12, "0")}`,
      kind,
      createdAt: "2026-11-22T10:00:00.000Z",
      links: links.map(([rel, { id, digest }]) => ({ rel, to: id, digest })),
      name,
      ...(body === undefined ? {} : { body: { ...body } }),
      salts: { name: salt(1), ...(body === undefined ? {} : { body: salt(2) }) },
    };
  }

  put(record: RmtcRecord): RecordReference {
    this.records.push(record);
    return { id: record.id, digest: recordDigest(record) };
  }

  /** Puts a copy of a record that withholds parts. */
  putWithheld(record: RmtcRecord, parts: readonly PartName[]): RecordReference {
    return this.put(redact(record, parts));
  }

  subject(name: string): RecordReference {
    return this.add("subject", name, [], {});
  }

  plate(name: string, subjects: readonly RecordReference[] = [], body: object = known): RecordReference {
    return this.add(
      "asset",
      name,
      subjects.map((subject) => ["depicts", subject] as const),
      body,
    );
  }

  dataset(members: readonly RecordReference[], body: object = {}): RecordReference {
    const links = members.map((member) => ["hasMember", member] as const);
    const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const items = { segments: [], itemsRoot: empty, itemCount: 0 };
    return this.add("dataset", "mattes", links, {
      ...items,
      origin: "handmade",
      subjectCoverage: complete,
      ...body,
    });
  }

  seal(activity: RecordReference, outputs: readonly RecordReference[], state = "succeeded"): RecordReference {
    const lists = outputs.map((output) => ["lists", output] as const);
    return this.add("seal", "seal", [["about", activity], ...lists], { state });
  }

  /** A sealed run and its weights. */
  trained(inputs: readonly (readonly [rel: string, to: RecordReference])[]): {
    readonly run: RecordReference;
    readonly weights: RecordReference;
  } {
    const run = this.add("run", "training", inputs, training);
    const weights = this.add("weights", "hero-roto", [["generatedBy", run]], { format: "safetensors" });
    this.seal(run, [weights]);
    return { run, weights };
  }

  /** A notice with one fact; its first links are `about`, the others `subjects`. */
  notice(
    fact: Omit<Fact, "about" | "subjects">,
    about: readonly RecordReference[],
    subjects: readonly RecordReference[] = [],
    signed = false,
  ): RecordReference {
    return this.put(this.makeNotice(fact, about, subjects, signed));
  }

  makeNotice(
    fact: Omit<Fact, "about" | "subjects">,
    about: readonly RecordReference[],
    subjects: readonly RecordReference[],
    signed: boolean,
  ): RmtcRecord {
    const links = [...about, ...subjects].map((record) => ["about", record] as const);
    const named = subjects.map((_, index) => about.length + index);
    const record = this.make("notice", fact.type, links, {
      facts: [
        { ...fact, about: about.map((_, index) => index), ...(named.length > 0 ? { subjects: named } : {}) },
      ],
    });
    return signed ? this.#sign(record) : record;
  }

  ask({ artifact, target, path, notice, targets, gaps = [], ...rest }: Question): void {
    this.questions.push({
      received: this.records.length,
      ...rest,
      artifact: artifact.id,
      target: target.id,
      ...(targets === undefined ? {} : { targets: targets.map(({ id }) => id) }),
      ...(path === undefined
        ? {}
        : { path: path.map(([from, rel, to]) => ({ from: from.id, rel, to: to.id })) }),
      ...(notice === undefined ? {} : { notice: notice.id }),
      complete: gaps.length === 0,
      gaps: gaps.map(([type, record]) => ({ type, record: record.id })),
    });
  }

  /** Asks what cannot be answered. */
  refuse(description: string, artifact: RecordReference, target: RecordReference): void {
    const refusal = { code: "RMTC_OPTION_INVALID", pointer: "/target" };
    const received = this.records.length;
    this.questions.push({ received, description, artifact: artifact.id, target: target.id, ...refusal });
  }

  askDownstream(question: DownstreamQuestion): void {
    const { description, record, reached, unsealed = [], holders = [], gaps = [] } = question;
    this.downstream.push({
      received: this.records.length,
      description,
      record: record.id,
      reached: reached.map(({ id }) => id),
      unsealed: unsealed.map(({ id }) => id),
      holders: holders.map(({ delivery, party }) => ({ delivery: delivery.id, parties: [party.id] })),
      complete: gaps.length === 0,
      gaps: gaps.map(([type, about]) => ({ type, record: about.id })),
    });
  }
}

/** A salt for vectors only; a real one is random. */
function salt(number: number): string {
  return Buffer.alloc(16, number).toString("base64url");
}
