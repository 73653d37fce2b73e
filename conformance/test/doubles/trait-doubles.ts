// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { setTimeout } from "node:timers/promises";
import { isRmtcError, RmtcError, type RmtcErrorCode } from "@rmtc/contract";
import type { TestedInstance } from "../../src/conformance-case.ts";
import type { TraitSubject } from "../../src/traits/operation.ts";
import type { Double, Methods } from "./double.ts";
import { iterables } from "./handle.ts";

type Method = (...parameters: unknown[]) => unknown;

/** So long that an idle loop on a busy machine is shorter. */
const blockedMilliseconds = 200;
/** So long after an abort that nobody takes it for the machine's fault. */
const lateMilliseconds = 400;

type Change = (method: Method, name: string) => Method;

type ReplaceMethod<S extends TestedInstance> = (good: S, name: string, change: Change) => Partial<Methods<S>>;

/** What is known of a role beyond its operations. */
interface TraitDoubles<S extends TestedInstance> {
  readonly traits: TraitSubject<S>;
  /** Tells a store that `prepareHeavy` has filled, or a heavy call, from others, so that only there a double blocks. */
  isHeavy(good: S, parameters: readonly unknown[]): Promise<boolean>;
  /** Replaces an operation that is no method of the instance itself. */
  readonly replace?: ReplaceMethod<S>;
  /** Further cases that catch a double, by its id. */
  readonly alsoCaughtBy: Readonly<Record<string, readonly string[]>>;
}

/** For each operation, doubles that forget one trait. */
export function traitDoubles<S extends TestedInstance>({
  traits,
  isHeavy,
  alsoCaughtBy,
  replace = replaceMethod,
}: TraitDoubles<S>): readonly Double<S>[] {
  const { prefix, operations, withoutSignal = [], midway = [], concurrent = [] } = traits;
  const double = (id: string, breaks: string, alter: Double<S>["alter"]): Double<S> => ({
    id,
    breaks: `${prefix}.${breaks}`,
    alsoCaughtBy: alsoCaughtBy[id] ?? [],
    alter,
  });
  return [
    ...operations.map((name) =>
      double(`works-closed-${name}`, `closed.${name}`, (good) =>
        replace(good, name, worksClosed(traits.closedCode)),
      ),
    ),
    ...operations
      .filter((name) => !withoutSignal.includes(name))
      .map((name) =>
        double(`ignores-signal-${name}`, `aborted.${name}`, (good) => replace(good, name, ignoresSignal)),
      ),
    ...operations.map((name) =>
      double(`blocks-${name}`, `blocking.${name}`, (good) =>
        replace(good, name, (method) => blocks(method, name, (parameters) => isHeavy(good, parameters))),
      ),
    ),
    ...midway.map((name) =>
      double(`ends-late-${name}`, `midway.${name}`, (good) => replace(good, name, endsLate)),
    ),
    ...concurrent.map((name) =>
      double(`works-alone-${name}`, `concurrent.${name}`, (good) => replace(good, name, worksAlone())),
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

function replaceMethod<S extends TestedInstance>(good: S, name: string, change: Change): Partial<Methods<S>> {
  const method = (...parameters: unknown[]): unknown => (Reflect.get(good, name) as Method)(...parameters);
  return { [name]: change(method, name) } as unknown as Partial<Methods<S>>;
}

function worksClosed(code: RmtcErrorCode = "RMTC_STORE_CLOSED"): Change {
  const forgive = (error: unknown): undefined => {
    if (!isRmtcError(error, code)) throw error;
    return undefined;
  };
  return (method, name) => {
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
  };
}

/** Waits when it was aborted, and rejects then. */
function endsLate(method: Method, name: string): Method {
  const wait = async (error: unknown, parameters: readonly unknown[]): Promise<never> => {
    if (signalOf(parameters)?.aborted === true) await setTimeout(lateMilliseconds);
    throw error;
  };
  if (!iterables.includes(name)) {
    return (...parameters) =>
      (method(...parameters) as Promise<unknown>).catch((error: unknown) => wait(error, parameters));
  }
  return async function* (...parameters) {
    try {
      yield* method(...parameters) as AsyncIterable<unknown>;
    } catch (error) {
      await wait(error, parameters);
    }
  };
}

/** Refuses a call while another one runs. */
function worksAlone(): Change {
  let running = 0;
  const enter = (): void => {
    if (running > 0) throw new RmtcError("RMTC_STATE_INVALID", "Another call runs.");
    running += 1;
  };
  return (method, name) => {
    if (!iterables.includes(name)) {
      return async (...parameters) => {
        enter();
        try {
          return await method(...parameters);
        } finally {
          running -= 1;
        }
      };
    }
    return async function* (...parameters) {
      enter();
      try {
        yield* method(...parameters) as AsyncIterable<unknown>;
      } finally {
        running -= 1;
      }
    };
  };
}

function signalOf(parameters: readonly unknown[]): AbortSignal | undefined {
  const options = parameters.find(
    (parameter): parameter is { readonly signal?: AbortSignal } =>
      parameter !== null && typeof parameter === "object" && "signal" in parameter,
  );
  return options?.signal;
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

function blocks(
  method: Method,
  name: string,
  isHeavy: (parameters: readonly unknown[]) => Promise<boolean>,
): Method {
  const block = async (parameters: readonly unknown[]): Promise<void> => {
    if (!(await isHeavy(parameters).catch(() => false))) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMilliseconds);
  };
  if (!iterables.includes(name)) {
    return async (...parameters) => {
      await block(parameters);
      return await method(...parameters);
    };
  }
  return async function* (...parameters) {
    await block(parameters);
    yield* method(...parameters) as AsyncIterable<unknown>;
  };
}
