// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { type Alias, RmtcError, type SetAliasRequest } from "@rmtc/contract";
import { compareUtf8 } from "@rmtc/query";

/** Every place each alias has pointed to. */
export class AliasLog {
  /** Oldest first. */
  readonly #moves: Map<string, Alias[]> = new Map();

  /** @throws RMTC_ALIAS_CONFLICT when `expect` does not hold. */
  set({ expect, alias, to, digest, by }: SetAliasRequest): Alias {
    const current = this.history(alias)[0]?.to ?? null;
    if (expect !== undefined && expect !== current) {
      const names = current ?? "nothing";
      throw new RmtcError(
        "RMTC_ALIAS_CONFLICT",
        `${alias} names ${names}, not ${expect ?? "nothing"}; read it again and decide anew.`,
        { subject: alias },
      );
    }
    const setAt = new Date().toISOString();
    const moved: Alias = by === undefined ? { alias, to, digest, setAt } : { alias, to, digest, setAt, by };
    this.#moves.set(alias, [...(this.#moves.get(alias) ?? []), moved]);
    return { ...moved };
  }

  /** Newest first. */
  history(alias: string): readonly Alias[] {
    return (this.#moves.get(alias) ?? []).map((move) => ({ ...move })).reverse();
  }

  /** The current place of every alias whose name starts with `prefix`, in order of UTF-8 bytes. */
  list(prefix: string): readonly Alias[] {
    const names = [...this.#moves.keys()].filter((name) => name.startsWith(prefix)).sort(compareUtf8);
    return names.flatMap((name) => this.history(name).slice(0, 1));
  }
}
