// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, RmtcError } from "@rmtc/contract";
import type { TestedInstance } from "../../src/conformance-case.ts";
import type { TraitSubject } from "../../src/traits/operation.ts";
import type { Double, Methods } from "./double.ts";

type Method = (...parameters: unknown[]) => unknown;

/** Methods that answer with an iterable. */
const iterables: readonly string[] = ["closure", "verify", "read"];
/** So long that an idle loop on a busy machine is shorter. */
const blockedMilliseconds = 200;

/** What is known of a role beyond its operations. */
interface TraitDoubles<S extends TestedInstance> {
  readonly traits: TraitSubject<S>;
  /** Tells a store that `prepareHeavy` has filled from others, so that only there a double blocks. */
  isHeavy(good: S): Promise<boolean>;
  /** Further cases that catch a double, by its id. */
  readonly alsoCaughtBy: Readonly<Record<string, readonly string[]>>;
}

/** For each operation, doubles that forget one trait. */
export function traitDoubles<S extends TestedInstance>({
  traits,
  isHeavy,
  alsoCaughtBy,
}: TraitDoubles<S>): readonly Double<S>[] {
  const { prefix, operations } = traits;
  const double = (id: string, breaks: string, alter: Double<S>["alter"]): Double<S> => ({
    id,
    breaks: `${prefix}.${breaks}`,
    alsoCaughtBy: alsoCaughtBy[id] ?? [],
    alter,
  });
  return [
    ...operations.map((name) =>
      double(`works-closed-${name}`, `closed.${name}`, (good) => replace(good, name, worksClosed)),
    ),
    ...operations.map((name) =>
      double(`ignores-signal-${name}`, `aborted.${name}`, (good) => replace(good, name, ignoresSignal)),
    ),
    ...operations.map((name) =>
      double(`blocks-${name}`, `blocking.${name}`, (good) =>
        replace(good, name, (method) => blocks(method, name, () => isHeavy(good))),
      ),
    ),
    double("closes-once", "closed.twice", (good) => {
      let closed = false;
      const methods: Pick<TestedInstance, typeof Symbol.asyncDispose> = {
        async [Symbol.asyncDispose]() {
          if (closed) throw new RmtcError("RMTC_STORE_CLOSED", "It was closed already.");
          closed = true;
          await good[Symbol.asyncDispose]();
        },
      };
      return methods as Partial<Methods<S>>;
    }),
  ];
}

function replace<S extends TestedInstance>(
  good: S,
  name: string,
  change: (method: Method, name: string) => Method,
): Partial<Methods<S>> {
  const method = (...parameters: unknown[]): unknown => (Reflect.get(good, name) as Method)(...parameters);
  return { [name]: change(method, name) } as unknown as Partial<Methods<S>>;
}

function worksClosed(method: Method, name: string): Method {
  const forgive = (error: unknown): undefined => {
    if (!isRmtcError(error, "RMTC_STORE_CLOSED")) throw error;
    return undefined;
  };
  if (!iterables.includes(name)) {
    return (...parameters) => (method(...parameters) as Promise<unknown>).catch(forgive);
  }
  return async function* (...parameters) {
    try {
      yield* method(...parameters) as AsyncIterable<unknown>;
    } catch (error) {
      forgive(error);
    }
  };
}

function ignoresSignal(method: Method): Method {
  return (...parameters) =>
    method(
      ...parameters.map((parameter) =>
        parameter !== null && typeof parameter === "object" && "signal" in parameter
          ? { ...parameter, signal: undefined }
          : parameter,
      ),
    );
}

function blocks(method: Method, name: string, isHeavy: () => Promise<boolean>): Method {
  const block = async (): Promise<void> => {
    if (!(await isHeavy().catch(() => false))) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMilliseconds);
  };
  if (!iterables.includes(name)) {
    return async (...parameters) => {
      await block();
      return await method(...parameters);
    };
  }
  return async function* (...parameters) {
    await block();
    yield* method(...parameters) as AsyncIterable<unknown>;
  };
}
