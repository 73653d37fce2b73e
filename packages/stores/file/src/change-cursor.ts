// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { hash } from "node:crypto";
import { type ChangeCursor, RmtcError } from "@rmtc/contract";
import { VersionVector } from "./version-vector.ts";

/** What a change cursor says beside its position. */
export interface CursorState {
  /** The store's identity. */
  readonly store: string;
  /** The name of the index whose positions are meant. */
  readonly index: string;
  /** Entries up to this one are in the vector. */
  readonly seq: number;
  readonly vector: string;
}

/** A change cursor, read. */
export interface ReadCursor extends CursorState {
  readonly position: number;
}

/** Makes cursors that differ in their position alone. */
export function cursorsAt({ store, index, seq, vector }: CursorState): (position: number) => ChangeCursor {
  const state = Buffer.from(JSON.stringify([index, seq, vector])).toString("base64url");
  const end = `.${state}.${checkOf(store, state)}`;
  return (position) => `${position}${end}`;
}

/** @throws RMTC_CURSOR_INVALID when it is none of this store's. */
export function readCursor(cursor: ChangeCursor, store: string): ReadCursor {
  const [digits = "", state = "", check, ...rest] = String(cursor).split(".");
  if (/^(0|[1-9]\d{0,14})$/.test(digits) && rest.length === 0 && check === checkOf(store, state)) {
    const [index, seq, vector] = JSON.parse(Buffer.from(state, "base64url").toString());
    return { position: Number(digits), store, index, seq, vector };
  }
  throw invalidCursor();
}

/** The vector of a cursor that knows nothing. */
export const emptyVector: string = new VersionVector().toString();

export function invalidCursor(): RmtcError {
  return new RmtcError(
    "RMTC_CURSOR_INVALID",
    "The cursor is not from this store; start again without a cursor.",
    { pointer: "/cursor" },
  );
}

function checkOf(store: string, state: string): string {
  return hash("sha256", `${store} ${state}`).slice(0, 12);
}
