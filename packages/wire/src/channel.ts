// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A message from host to guest. `next` and `end` go on with and leave a stream that `call` opened. */
export type HostMessage =
  | { readonly type: "call"; readonly call: number; readonly method: string; readonly params: unknown }
  | { readonly type: "next"; readonly call: number; readonly stream: number }
  | { readonly type: "end"; readonly call: number; readonly stream: number }
  | { readonly type: "abort"; readonly call: number };

/** An error as it crosses a process or thread boundary. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** An `RmtcError` as plain JSON. */
  readonly rmtc?: unknown;
}

/** A message from guest to host, always the answer to one call. */
export type GuestMessage =
  | { readonly type: "result"; readonly call: number; readonly value: unknown }
  | { readonly type: "stream"; readonly call: number; readonly stream: number }
  | { readonly type: "item"; readonly call: number; readonly done: boolean; readonly value?: unknown }
  | { readonly type: "error"; readonly call: number; readonly error: ErrorMessage };

/** The host's end of a connection to a guest. */
export interface HostChannel {
  /** Sends a message; `transfer` moves buffers to a thread instead of copying them. */
  post(message: HostMessage, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: GuestMessage) => void): void;
  /** Called once, with what is known of the cause. */
  onExit(listener: (reason: string) => void): void;
  /** Lets the host's event loop end although the guest lives, or keeps it alive. */
  setReferenced(referenced: boolean): void;
  /** Ends the guest at once and waits until it is gone. */
  terminate(): Promise<void>;
}

/** The guest's end of a connection to its host. */
export interface GuestChannel {
  post(message: GuestMessage, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: HostMessage) => void): void;
}
