// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

/** A demand of the standard that no case can hold. */
export interface NotHeld {
  /** The demand's number, for example `RMTC-TRN-006`. */
  readonly id: string;
  /** Why nothing outside the implementation can show it. */
  readonly reason: string;
}

/** The demands by text, under the reason why no case, check or vector holds them. */
const numbersByReason: Readonly<Record<string, string>> = {
  "It binds whoever makes or takes a claim; no program sees that.": "CNF-001 CNF-060 CNF-061 CNF-062 CNF-063",
  "It binds the suite, not a subject; the suite's own tests, doubles included, hold it.":
    "CNF-010 CNF-011 CNF-012 CNF-013 CNF-014 CNF-020 CNF-025 CNF-026 CNF-030 CNF-031 CNF-032",
  "It binds whoever writes a case; a review sees it.": "CNF-015 CNF-016",
  "It says when other demands apply, and has no behaviour of its own.": "CNF-002",
  "It takes a store that people can write to by other means, each its own; the tests of such a store hold it.":
    "RST-128",
  "It repeats for all roles what their texts demand for each ability; cases hold those.": "CNF-003",
  "It binds whoever runs or writes vectors; the tests of the spec and of each package that runs them hold it.":
    "CNF-040 CNF-041 CNF-042",
  "It binds a run over documents, which is part of the suite; its tests hold it.": "CNF-045 CNF-046",
  "It binds reports, which the suite makes; its tests hold it.": "CNF-052 CNF-053",
  "Every case that expects a refusal asserts its code; the sentence by itself has no behaviour.": "ERR-001",
  "That a code is never given cannot be shown by calls; cases refuse codes other than the one named.":
    "ERR-002",
  "It compares versions of the standard.": "ERR-003 REC-009",
  "It is about a boundary; cases hold it where they run by `--command`, and assert the same codes there.":
    "ERR-005",
  "No program knows which text is a secret.": "ERR-006",
  "The abort trait holds it for every operation, under the demand of each role's text.": "ERR-007",
  "Cases hold it under the demands of each role's text, call by call.": "ERR-008",

  "It binds whoever records what happened; no document shows what really happened.":
    "PRV-005 PRV-006 PRV-010 PRV-011 PRV-013 PRV-030 PRV-031 PRV-033 PRV-034 PRV-035 PRV-037 PRV-039 REC-120 REC-124",
  "It binds whoever changes a year that was published; no program knows what it was.": "PLT-006",
  "Rights have no text of their own in this draft.": "PRV-017",
  "The run store's text repeats it; its cases hold it.": "PRV-021 PRV-024",
  "It binds what people conclude; no answer shows it.": "PRV-038 REC-004 REC-141 REC-142",
  "It binds a reader of datasets, which has no role; the tests of `@rmtc/attest` hold it.": "PRV-046",
  "It binds whoever answers about lineage over stores, which has no role; the vectors fix what is answered from records.":
    "PRV-090",
  "Stores of this draft know no principals.": "PRV-097",
  "A limit that nobody declares lies beyond any finite graph.": "PRV-098",
  "It binds a reader of the feed, which has no role; cases hold what the store tells it.":
    "QRY-040 QRY-041 QRY-042 QRY-043 QRY-044 QRY-045",

  "The record store's text repeats it; its cases hold it.": "REC-006 REC-045",
  "It is about what stood there before; the result alone does not show it.": "REC-016",
  "A bad source of random numbers cannot be told from a good one by a few of them.": "REC-021",
  "It binds an import, which has no role; the tests of `@rmtc/core` hold it.": "REC-026 REC-140",
  "No program knows a civil name, or what a text says about places.": "REC-123 REC-134 REC-151",
  "The run store's text says how aliases are set; its cases hold it.": "REC-150",
  "It binds a reader of merged stores, which has no role.": "REC-152",

  "It binds whoever changes a registry; its tests and frozen versions hold what a program can see.":
    "REG-001 REG-002 REG-003 REG-005 REG-006 REG-007 REG-010 REG-011 REG-020 REG-021 REG-030",

  "It binds a reader of image files, which has no role.": "TEN-025",
  "It binds a writer, and the standard has no call to write with; the tests of `@rmtc/tensor` hold it.":
    "TEN-084 TEN-085 TEN-095 TEN-096",
  "How much memory a reader takes shows in no answer; a fuzz test of `@rmtc/tensor` watches it.": "TEN-094",

  "A host ends a guest that breaks it, so that every case run by `--command` fails; none is about it alone.":
    "WIR-001 WIR-003 WIR-004 WIR-005 WIR-015",
  "A guest that breaks it hangs, so that cases run by `--command` end in error; none is about it alone.":
    "WIR-007",
  "It binds the host, and cases test guests; hostile guests in the tests of `@rmtc/wire` hold it.":
    "WIR-006 WIR-052 WIR-062 WIR-063 WIR-064 WIR-065 WIR-078 WIR-079 WIR-091",
  "It binds the host, and cases test guests; the tests of `@rmtc/wire` hold it as far as a guest can see it.":
    "WIR-026 WIR-030 WIR-031 WIR-041 WIR-051 WIR-070 WIR-071 WIR-074 WIR-100 WIR-101",
  "Traits and cases of the roles hold it, where they run by `--command`.": "WIR-050",

  "It compares machines, and a suite runs on one. The rules of `paired` are held exactly instead.": "STR-011",
  "It binds the host that writes the record of a run, not the strategy.": "STR-031",
  "To see that nobody reaches a network takes the operating system, which a suite must not change.":
    "TRN-006",
  "Slot files lie where the implementation likes, and a suite does not know what to look for.": "INF-047",
  "Whether source and result can both be run depends on engines that a suite does not have.": "CNV-009",
  "It binds the host that records a conversion, not the converter.": "CNV-016",
};

/** The demands of all texts that no case, check of documents or vector holds; the coverage table lists them. */
export const notHeld: readonly NotHeld[] = Object.entries(numbersByReason).flatMap(([reason, numbers]) =>
  numbers.split(" ").map((number) => ({ id: `RMTC-${number}`, reason })),
);
