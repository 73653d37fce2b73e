// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { CaseLevel, TestedRole } from "../conformance-case.ts";
import type { Fixture } from "../fixture.ts";
import type { GuestTalk } from "./guest-talk.ts";

/** What a guest serves, as it says itself. */
export interface GuestDescription {
  readonly extensions: readonly {
    readonly role: TestedRole;
    readonly name: string;
    readonly version: string;
  }[];
  /** What an opened instance of each role declares. */
  readonly capabilities: Readonly<Partial<Record<TestedRole, Readonly<Record<string, unknown>>>>>;
}

/** An instance that a guest has opened. */
export interface OpenedInstance {
  readonly instance: number;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/** What a case about guests is given. */
export interface GuestCaseContext {
  readonly guest: GuestDescription;
  /** Absolute path of an empty folder for the case's own files, which is also the `baseFolder` of what it opens. */
  readonly folder: string;
  /** What the tester brought along. */
  readonly fixture: Fixture;
  /** Starts the guest and says nothing yet; the runner ends it. */
  start(): Promise<GuestTalk>;
  /** Starts the guest and shakes hands. */
  begin(limits?: { readonly lineBytes: number }): Promise<GuestTalk>;
  /** Opens an instance with the tester's options. */
  open(talk: GuestTalk, role: TestedRole): Promise<OpenedInstance>;
}

/** One behaviour that the wire protocol demands of a guest, and how to see it. */
export interface GuestCase {
  /** `guest.topic.behaviour`, never reused for another behaviour. */
  readonly id: string;
  readonly level: CaseLevel;
  /** File and anchor of the sentence in the standard. */
  readonly spec: string;
  /** The behaviour in the present tense. */
  readonly title: string;
  /** Whether the case is for a guest that serves this; for all unless given. */
  readonly when?: (guest: GuestDescription) => boolean;
  /** Ends when the guest behaves so; throws an `AssertionError` of `node:assert` when it does not. */
  run(context: GuestCaseContext): Promise<void>;
}

/** The parameters of a handshake, as a host of this version of the protocol sends them. */
export function handshake(exchange: string): Readonly<Record<string, unknown>> {
  return {
    protocol: { min: 1, max: 1 },
    host: { name: "@rmtc/conformance", version: "0.1.0" },
    folder: exchange,
  };
}
