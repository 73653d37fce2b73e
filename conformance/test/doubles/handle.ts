// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { RmtcError, type RmtcErrorCode } from "@rmtc/contract";
import type { TestedInstance } from "../../src/conformance-case.ts";
import type { Methods } from "./double.ts";

/** Methods that answer with an iterable. */
export const iterables: readonly PropertyKey[] = ["closure", "verify", "read", "watch", "logs", "train"];

type Method = (...parameters: unknown[]) => unknown;

/**
 * Opens a further instance on a store's data: closing it leaves the data, and other instances, as they are.
 *
 * So a store in memory can stand for a durable one with several writers.
 */
export function handleOn<S extends TestedInstance>(
  inner: S,
  capabilities: Partial<S["capabilities"]>,
  note: (method: string) => void = () => undefined,
  closedCode: RmtcErrorCode = "RMTC_STORE_CLOSED",
): S {
  let closed = false;
  const check = (): void => {
    if (closed) throw new RmtcError(closedCode, "The handle was closed.");
  };
  return new Proxy(inner, {
    get(target, property) {
      if (property === "capabilities") {
        note(property);
        return { ...target.capabilities, ...capabilities };
      }
      if (property === Symbol.asyncDispose) {
        return async () => {
          note(String(property));
          closed = true;
        };
      }
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== "function") return method;
      const call = (parameters: unknown[]): unknown => {
        note(String(property));
        check();
        return (method as Method).apply(target, parameters);
      };
      if (iterables.includes(property)) {
        return async function* (...parameters: unknown[]): AsyncGenerator<unknown> {
          for await (const one of call(parameters) as AsyncIterable<unknown>) {
            yield one;
            check();
          }
        };
      }
      return async (...parameters: unknown[]) => await call(parameters);
    },
  });
}

/** Returns a store with some methods replaced. */
export function altered<S extends TestedInstance>(good: S, methods: Partial<Methods<S>>): S {
  return new Proxy(good, {
    get(target, property) {
      const replaced: unknown = Reflect.get(methods, property);
      const kept: unknown = replaced ?? Reflect.get(target, property, target);
      return replaced === undefined && typeof kept === "function" ? kept.bind(target) : kept;
    },
  });
}
