// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { isRmtcError, type RmtcErrorCode } from "@rmtc/contract";
import { type DocumentCheckName, demandOf } from "./document-checks.ts";

/** One thing that is wrong with a document. */
export interface DocumentProblem {
  /** The check that found it, by id. */
  readonly check: string;
  /** The demand that is not kept, by number. */
  readonly demand: string;
  readonly code: RmtcErrorCode;
  /** RFC 6901 pointer into the file; of a file with a document a line, the first step is the line from 0 on. */
  readonly pointer: string;
  readonly message: string;
}

/** Something that is not there, so that it could not be judged. */
export interface DocumentGap {
  readonly pointer: string;
  readonly message: string;
}

/** What a file holds: records, one segment, one layout, layouts by name, tensors, or anything else. */
export type DocumentType = "records" | "segment" | "layout" | "layouts" | "tensors" | "other";

/**
 * What became of a file: nothing is wrong with it; something is; it could not be read as far as needed; or it is
 * nothing of this standard and no record names it.
 */
export type DocumentStatus = "pass" | "fail" | "error" | "ignored";

/** The outcome of one file. */
export interface DocumentResult {
  /** Path below the folder, with forward slashes. */
  readonly file: string;
  readonly type: DocumentType;
  readonly status: DocumentStatus;
  /** At most 100 of them. */
  readonly problems: readonly DocumentProblem[];
  readonly gaps: readonly DocumentGap[];
  /** Problems and gaps beyond those. */
  readonly more: number;
  /** Why the file could not be read. */
  readonly message?: string;
}

const maxListed = 100;

/** Collects what is found in one file. */
export class FileFindings {
  readonly file: string;
  type: DocumentType = "other";
  /** Whether something of the file was judged. */
  judged = false;
  readonly problems: DocumentProblem[] = [];
  readonly gaps: DocumentGap[] = [];
  #more = 0;
  #message: string | undefined;
  readonly #applied: Set<DocumentCheckName>;

  /** Collects for a file; `applied` gets the checks that had something to look at. */
  constructor(file: string, applied: Set<DocumentCheckName>) {
    this.file = file;
    this.#applied = applied;
  }

  /** Notes that a check has something to look at here. */
  applies(...checks: DocumentCheckName[]): void {
    this.judged = true;
    for (const check of checks) this.#applied.add(check);
  }

  /** Adds a problem. */
  fail(check: DocumentCheckName, code: RmtcErrorCode, pointer: string, message: string): void {
    this.applies(check);
    const problem = { check: `documents.${check}`, demand: demandOf(check), code, pointer, message };
    if (this.problems.length < maxListed) this.problems.push(problem);
    else this.#more += 1;
  }

  /** Adds the problem that an error of ours tells; any other error is passed on. */
  failBy(check: DocumentCheckName, error: unknown, pointer: string): void {
    if (!isRmtcError(error)) throw error;
    this.fail(check, error.code, `${pointer}${error.pointer ?? ""}`, error.message);
  }

  /** Adds what is not there. */
  gap(pointer: string, message: string): void {
    if (this.gaps.length < maxListed) this.gaps.push({ pointer, message });
    else this.#more += 1;
  }

  /** Says that the file could not be read; the rest of it is not judged. */
  stop(message: string): void {
    this.#message ??= message;
  }

  /** Returns the outcome. */
  result(): DocumentResult {
    const { file, type, problems, gaps } = this;
    const outcome = this.judged ? "pass" : "ignored";
    const status = problems.length > 0 ? "fail" : this.#message !== undefined ? "error" : outcome;
    return {
      file,
      type,
      status,
      problems,
      gaps,
      more: this.#more,
      ...(this.#message === undefined ? {} : { message: this.#message }),
    };
  }
}
