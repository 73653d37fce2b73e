// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A point at which a source of bytes waits until a case lets it go on. */
export interface Gate {
  /** Resolves when the source has come to the gate. */
  readonly reached: Promise<void>;
  /** Lets the source go on. */
  open(): void;
  /** What the source awaits. */
  pass(): Promise<void>;
}

/** Makes a closed gate. */
export function gate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    pass() {
      reached.resolve();
      return opened.promise;
    },
  };
}
