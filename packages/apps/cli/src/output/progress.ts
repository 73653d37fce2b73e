// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { Presets, SingleBar } from "cli-progress";

/** A progress bar on standard error; silent where that is no terminal, or with `--json`. */
export class Progress implements Disposable {
  readonly #bar: SingleBar;
  #started = false;

  constructor(label: string, options: { readonly silent?: boolean | undefined } = {}) {
    this.#bar = new SingleBar(
      {
        format: `${label} {bar} {value}/{total} {note}`,
        barsize: 24,
        hideCursor: true,
        clearOnComplete: false,
        stream: process.stderr,
        noTTYOutput: false,
        ...(options.silent === true || process.stderr.isTTY !== true ? { stream: silence } : {}),
      },
      Presets.shades_classic,
    );
  }

  /** Shows that `done` of `total` are done, with a short note. */
  update(done: number, total: number, note: string = ""): void {
    if (this.#started) {
      this.#bar.setTotal(total);
      this.#bar.update(done, { note });
    } else {
      this.#started = true;
      this.#bar.start(total, done, { note });
    }
  }

  [Symbol.dispose](): void {
    if (this.#started) this.#bar.stop();
  }
}

/** A stream that is no terminal: the bar then writes nothing. */
const silence: NodeJS.WritableStream = Object.assign(Object.create(process.stderr) as NodeJS.WriteStream, {
  isTTY: false,
  write: () => true,
});
