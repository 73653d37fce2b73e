// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Digest, PartName, QueryOperator, RecordId, RmtcRecord, Timestamp } from "@rmtc/spec";
import type { CallOptions } from "./call-options.ts";

/** An opaque position in a store's change feed, as of which an answer holds. */
export type ChangeCursor = string;

/** An opaque place in a list of results. */
export type PageCursor = string;

/** What a record store can do beyond the contract. */
export interface RecordStoreCapabilities {
  /** Whether records survive the end of the process. */
  readonly durable: boolean;
  /** Whether several processes may write at once. */
  readonly concurrentWriters: boolean;
  /** The most records one `put` takes. */
  readonly maxPutRecords: number;
  /**
   * Whether people can change the store's data by other means than `put`, as in a graph that is open to its own
   * query language. Closures then name what is unproved, and nobody else's index may answer in their place.
   */
  readonly openToOtherMeans?: boolean | undefined;
}

/** A record with what the store knows of it; none of that is part of the digest. */
export interface StoredRecord {
  /** The record with the parts that were asked for; every other part stands in `redacted` by its hash. */
  readonly record: RmtcRecord;
  /** The digest the store computed when the record was put. */
  readonly digest: Digest;
  /** The store's own rising number. */
  readonly position: number;
  readonly receivedAt: Timestamp;
  readonly partition: string;
  /** Parts that the store holds but the call did not ask for. */
  readonly omitted: readonly PartName[];
  /** Parts that were erased here and never come back. */
  readonly erased: readonly PartName[];
}

export interface PutRequest {
  /** Stored together or not at all, in this order. */
  readonly records: readonly RmtcRecord[];
  /** Who owns them; `""` unless given. */
  readonly partition?: string | undefined;
}

/** What became of one record: new, known with the same digest, or known and now with more parts disclosed. */
export type PutStatus = "created" | "known" | "disclosed";

export interface PutResult {
  /** One entry for each record, in the order given. */
  readonly results: readonly { readonly id: RecordId; readonly digest: Digest; readonly status: PutStatus }[];
  /** The feed's position after the put. */
  readonly cursor: ChangeCursor;
}

export interface GetRequest {
  readonly ids: readonly RecordId[];
  /** The parts to return; all that are held unless given. An empty list returns bare envelopes. */
  readonly parts?: readonly PartName[] | undefined;
}

export interface GetResult {
  /** One entry for each id, in the order given; `null` for an id that is not held. */
  readonly records: readonly (StoredRecord | null)[];
}

/** One condition on a registered field. */
export interface Filter {
  /** A name from the registry of query fields. */
  readonly field: string;
  readonly op: QueryOperator;
  /** A text or integer; an array of them for `in`; a boolean for `exists`. */
  readonly value: string | number | boolean | readonly (string | number)[];
}

/** The one field results are ordered by. Missing values come last either way; equal ones are ordered by id. */
export interface QueryOrder {
  readonly field: string;
  readonly descending?: boolean | undefined;
}

export interface FindRequest {
  /** All of them must hold. */
  readonly where: readonly Filter[];
  /** By id unless given. */
  readonly order?: QueryOrder | undefined;
  /** The most records to return, 1 to 1,000. */
  readonly limit: number;
  /** The `next` of the page before; everything else in the request must stay the same. */
  readonly cursor?: PageCursor | undefined;
  readonly parts?: readonly PartName[] | undefined;
}

export interface FindResult {
  readonly records: readonly StoredRecord[];
  /** Where the next page starts; missing on the last page. */
  readonly next?: PageCursor | undefined;
  readonly asOf: ChangeCursor;
}

export interface CountRequest {
  readonly where: readonly Filter[];
}

export interface CountResult {
  /** Exact up to 10,000. */
  readonly count: number;
  /** Whether there are more than `count`. */
  readonly more: boolean;
  readonly asOf: ChangeCursor;
}

/** Upstream follows links to what a record was made from; downstream follows them back to what was made from it. */
export type Direction = "upstream" | "downstream";

/** One link, wherever it was found. */
export interface Edge {
  /** The newer record, which holds the link. */
  readonly from: RecordId;
  readonly rel: string;
  /** The older record. */
  readonly to: RecordId;
  /** The digest that the link names. */
  readonly digest: Digest;
  /** The link's zero-based place in the newer record. */
  readonly index: number;
}

export interface EdgesRequest {
  readonly ids: readonly RecordId[];
  readonly direction: Direction;
  /** Only these relations; all unless given. */
  readonly relations?: readonly string[] | undefined;
  /** The most edges to return, 1 to 10,000. */
  readonly limit: number;
  readonly cursor?: PageCursor | undefined;
  /** Only records received up to here. */
  readonly asOf?: ChangeCursor | undefined;
}

export interface EdgesResult {
  /** In order of `from`'s position and the link's index. */
  readonly edges: readonly Edge[];
  readonly next?: PageCursor | undefined;
  readonly asOf: ChangeCursor;
}

export interface ClosureRequest {
  readonly roots: readonly RecordId[];
  readonly direction: Direction;
  /** Relations that are not followed. Every other one is, also one that nobody knows. */
  readonly ignoreRelations?: readonly string[] | undefined;
  /** Only records received up to here; the head at the start of the call unless given. */
  readonly asOf?: ChangeCursor | undefined;
  /** The most records in one page, 1 to 10,000; 2,000 unless given. */
  readonly pageSize?: number | undefined;
}

/** A record that a closure reached, by one shortest way. */
export interface ReachedRecord {
  readonly id: RecordId;
  readonly kind: string;
  readonly digest: Digest;
  /** Links from the nearest root; 0 for a root. */
  readonly depth: number;
  /** The edge it was reached by; missing for a root. */
  readonly via?: Edge | undefined;
}

/**
 * A link that leads to no record, or to one with another digest than the link names; or something that was put into
 * the store's data by other means and that no record proves.
 */
export interface LinkGap {
  readonly type: "missing" | "mismatch" | "unproved";
  /** The record that is not held, or is held under another digest; the held one that something unproved touches. */
  readonly id: RecordId;
  /** The edge that leads there; missing for a root that is not held, and for what is unproved. */
  readonly via?: Edge | undefined;
}

export interface ClosurePage {
  /** Breadth first; each record once in the whole closure. */
  readonly records: readonly ReachedRecord[];
  readonly gaps: readonly LinkGap[];
  readonly asOf: ChangeCursor;
}

export interface ChangesRequest {
  /** Only what came after; from the beginning unless given. */
  readonly cursor?: ChangeCursor | undefined;
  /** The most changes to return, 1 to 10,000. */
  readonly limit: number;
}

/** One put or erasure. */
export interface Change {
  readonly cursor: ChangeCursor;
  readonly type: "put" | "disclosure" | "erasure";
  readonly id: RecordId;
  readonly kind: string;
  readonly digest: Digest;
  readonly partition: string;
  readonly receivedAt: Timestamp;
}

export interface ChangesResult {
  /** Every change at least once, none missed, in the order they took effect. */
  readonly changes: readonly Change[];
  /** Where to go on from: the last change's cursor, or the one given when there was none. */
  readonly cursor: ChangeCursor;
}

export interface EraseRequest {
  readonly id: RecordId;
  /** The parts whose value and salt go for ever. */
  readonly parts: readonly PartName[];
}

export interface EraseResult {
  /** What the store now holds. */
  readonly stored: StoredRecord;
  readonly cursor: ChangeCursor;
}

/** What `verify` finds wrong with the bytes of one record. */
export interface RecordDamage {
  readonly id: RecordId;
  /** The digest that the store keeps for the record. */
  readonly digest: Digest;
  readonly message: string;
}

export interface VerifyRequest {
  /** Every record unless given. */
  readonly ids?: readonly RecordId[] | undefined;
}

export interface VerifyPage {
  /** Records whose stored bytes were hashed again in this page. */
  readonly checked: number;
  readonly damages: readonly RecordDamage[];
}

/**
 * Holds immutable records and their links.
 *
 * Implementations check the envelope and the hashes of disclosed parts at `put`, keep the canonical bytes of
 * both verbatim, and take kinds, versions and relations that they do not know. `put` never needs a link's
 * target to be there. What is acknowledged survives the death of the process if `capabilities.durable`.
 * No call blocks the event loop for more than 50 ms.
 *
 * @see spec/draft/record-store.md
 */
export interface RecordStore extends AsyncDisposable {
  /** Short name for reports, for example `sqlite`. */
  readonly name: string;
  readonly capabilities: RecordStoreCapabilities;

  /**
   * Puts records, all or none. Repeating a put changes nothing.
   *
   * An id names one digest for ever. Known with the same digest, the store keeps the union of disclosed parts,
   * except parts it has erased.
   *
   * @throws RMTC_DOCUMENT_INVALID when an envelope is not well formed or a part's hash does not hold.
   * @throws RMTC_RECORD_CONFLICT when an id is held, or given twice, under another digest.
   * @throws RMTC_LIMIT_EXCEEDED when there are more than `capabilities.maxPutRecords`.
   */
  put(request: PutRequest, options?: CallOptions): Promise<PutResult>;

  /** Gets records, or some parts of them, by id. */
  get(request: GetRequest, options?: CallOptions): Promise<GetResult>;

  /**
   * Finds records by registered fields; the same answer on every store.
   *
   * @throws RMTC_QUERY_INVALID when a field, operator, order or value is not in the registry.
   * @throws RMTC_CURSOR_INVALID when the cursor is from another request.
   */
  find(request: FindRequest, options?: CallOptions): Promise<FindResult>;

  /** Counts what `find` would return, exactly up to 10,000. */
  count(request: CountRequest, options?: CallOptions): Promise<CountResult>;

  /** Lists the links from or to records, in pages. */
  edges(request: EdgesRequest, options?: CallOptions): Promise<EdgesResult>;

  /**
   * Walks every link from the roots on, without a limit of depth, in pages; the last page ends it.
   *
   * A target that is not held, or is held under another digest than its link names, is a gap; a mismatching
   * record is not walked through.
   */
  closure(request: ClosureRequest, options?: CallOptions): AsyncIterable<ClosurePage>;

  /** Lists what happened after a cursor. */
  changes(request: ChangesRequest, options?: CallOptions): Promise<ChangesResult>;

  /** Returns the feed's newest position. */
  head(options?: CallOptions): Promise<{ readonly cursor: ChangeCursor }>;

  /**
   * Erases parts: values and salts go, hashes stay, and no later put brings them back.
   *
   * @throws RMTC_NOT_FOUND when the record is not held.
   */
  erase(request: EraseRequest, options?: CallOptions): Promise<EraseResult>;

  /** Hashes the stored bytes again, in pages, and names every record whose bytes no longer give its digest. */
  verify(request: VerifyRequest, options?: CallOptions): AsyncIterable<VerifyPage>;
}
