// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type FSWatcher, watch } from "node:fs";

/** Waits for changes of files, or of the files in a folder, and now and then wakes without one. */
export class FileChanges implements Disposable {
  readonly #pollMs: number;
  readonly #watchers: FSWatcher[] = [];
  #changed = false;
  #wake: (() => void) | undefined;

  /** Watches from now on. Where watching is impossible, only the regular waking remains. */
  constructor(paths: readonly string[], pollMs: number) {
    this.#pollMs = pollMs;
    for (const path of paths) {
      try {
        const watcher = watch(path, () => this.ring());
        watcher.on("error", () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // The limit of watches is reached, or the file system has none.
      }
    }
  }

  /** Counts as a change. */
  ring(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /**
   * Resolves when something changed since the last call, or after the poll time or `withinMs` if that is
   * shorter. Rejects with the signal's reason.
   */
  async next(options: { readonly signal?: AbortSignal; readonly withinMs?: number } = {}): Promise<void> {
    const { signal, withinMs = this.#pollMs } = options;
    signal?.throwIfAborted();
    if (!this.#changed) {
      const woken = Promise.withResolvers<void>();
      const abort = (): void => woken.reject(signal?.reason);
      const timer = setTimeout(woken.resolve, Math.max(0, Math.min(withinMs, this.#pollMs)));
      this.#wake = woken.resolve;
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await woken.promise;
      } finally {
        clearTimeout(timer);
        this.#wake = undefined;
        signal?.removeEventListener("abort", abort);
      }
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}
