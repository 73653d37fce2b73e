// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { Change, ChangesRequest, ChangesResult } from "@rmtc/contract";
import type { AppliedEntries, AppliedEntry } from "./applied-entries.ts";
import { cursorsAt, emptyVector, readCursor } from "./change-cursor.ts";
import { indexPosition } from "./index-position.ts";
import { LoopTurns } from "./loop-turns.ts";
import type { IndexView } from "./record-folder.ts";
import { VersionVector } from "./version-vector.ts";

/** A place in the feed of one index. */
export interface FeedPlace {
  readonly position: number;
  readonly seq: number;
  readonly vector: string;
}

const entriesAtOnce = 2_000;

/**
 * Finds a cursor's place in an index. That of another index is where everything before is certain to be known
 * by the cursor: at least once, and nothing missed.
 *
 * @throws RMTC_CURSOR_INVALID when it is none of this store's.
 */
export async function placeOf(cursor: string, view: IndexView, applied: AppliedEntries): Promise<FeedPlace> {
  const { position, index, seq, vector } = readCursor(cursor, view.head.store);
  if (index === view.index.name && position <= view.last) return { position, seq, vector };
  const { look, holds } = VersionVector.parse(vector).examine();
  for await (const one of eachEntry(applied, 0)) look(one.writer, one.number, one.essence);
  const known = new VersionVector();
  let newest = 0;
  for await (const one of eachEntry(applied, 0)) {
    if (!holds(one.writer, one.number, one.essence)) break;
    known.add(one.writer, one.number, one.essence);
    newest = one.seq;
  }
  const before = Math.min(applied.positionBefore(newest + 1), view.last);
  return { position: before, seq: newest, vector: known.toString() };
}

/** Lists changes with the times of the entries they came from. */
export async function listChanges(
  view: IndexView,
  applied: AppliedEntries,
  { cursor, limit }: ChangesRequest,
): Promise<ChangesResult> {
  const { index, last, head } = view;
  const start =
    cursor === undefined
      ? { position: 0, seq: 0, vector: emptyVector }
      : await placeOf(cursor, view, applied);
  const page = await index.store.changes({ cursor: `${index.name}-${start.position}`, limit });
  const found = page.changes.filter((change) => indexPosition(change.cursor) <= last);
  const startCursor = cursorsAt({ ...head, seq: start.seq, vector: start.vector });
  const end = found.at(-1);
  if (end === undefined) return { changes: [], cursor: cursor ?? startCursor(start.position) };
  const turns = new LoopTurns();
  const spans = applied.spansAfter(start.position, found.length);
  const changes: Change[] = [];
  let place = 0;
  for (const change of found) {
    const position = indexPosition(change.cursor);
    while ((spans[place]?.last ?? position) < position) place += 1;
    const receivedAt = spans[place]?.received ?? change.receivedAt;
    changes.push({ ...change, receivedAt, cursor: startCursor(position) });
    await turns.step();
  }
  const position = indexPosition(end.cursor);
  let endCursor = cursorsAt(head)(position);
  if (position < last) {
    const vector = VersionVector.parse(start.vector);
    const seq = Math.max(applied.seqAt(position), start.seq);
    for await (const one of eachEntry(applied, start.seq)) {
      if (one.seq > seq) break;
      vector.add(one.writer, one.number, one.essence);
    }
    endCursor = cursorsAt({ ...head, seq, vector: vector.toString() })(position);
  }
  changes[changes.length - 1] = { ...(changes.at(-1) as Change), cursor: endCursor };
  return { changes, cursor: endCursor };
}

async function* eachEntry(applied: AppliedEntries, after: number): AsyncGenerator<AppliedEntry, void> {
  const turns = new LoopTurns();
  for (let seq = after; ; ) {
    const page = applied.after(seq, entriesAtOnce);
    yield* page;
    if (page.length < entriesAtOnce) return;
    seq = page.at(-1)?.seq ?? seq;
    await turns.step();
  }
}
