// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { complete, type Graph } from "./graph.ts";

const wrongDigest = `sha256:${"1".repeat(64)}`;

/** What later facts do to a verdict. */
export const noticeTests: Readonly<Record<string, (graph: Graph) => void>> = {
  "counts somebody who was found later": (graph) => {
    const [bob, cy] = [graph.subject("bob"), graph.subject("cy")];
    const plate = graph.plate("sh010.1001");
    const { run, weights } = graph.trained([["trainedOn", plate]]);
    const received = graph.records.length;
    const found = graph.notice({ type: "depicts", effect: "asserts", kinds: ["face"] }, [plate], [bob]);
    graph.ask({
      description: "is present, by the notice",
      artifact: weights,
      target: bob,
      verdict: "present",
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", plate],
      ],
      notice: found,
    });
    graph.ask({
      description: "is absent for another kind of likeness",
      artifact: weights,
      target: bob,
      kinds: ["voice"],
      verdict: "absent",
    });
    graph.ask({ description: "is absent for others", artifact: weights, target: cy, verdict: "absent" });
    graph.ask({
      description: "is absent as of before the notice",
      artifact: weights,
      target: bob,
      received,
      verdict: "absent",
    });
    graph.askDownstream({
      description: "reaches what the plate was used for",
      record: bob,
      reached: [bob, plate, run, weights],
    });
  },

  "retracts a notice only by a trusted one": (graph) => {
    const bob = graph.subject("bob");
    const plate = graph.plate("sh010.1001");
    const found = graph.notice({ type: "depicts", effect: "asserts" }, [plate], [bob]);
    graph.notice({ type: "depicts", effect: "withdraws" }, [plate], [bob]);
    const unsigned = graph.records.length;
    graph.notice({ type: "depicts", effect: "withdraws", kinds: ["face"] }, [plate], [bob], true);
    const partly = graph.records.length;
    graph.notice({ type: "depicts", effect: "withdraws" }, [plate], [bob], true);
    const trusted = graph.records.length;
    const again = graph.notice({ type: "depicts", effect: "asserts" }, [plate], [bob]);
    graph.ask({
      description: "is present after an unsigned withdrawal",
      artifact: plate,
      target: bob,
      received: unsigned,
      verdict: "present",
      path: [],
      notice: found,
    });
    graph.ask({
      description: "is absent for the kind that was withdrawn",
      artifact: plate,
      target: bob,
      kinds: ["face"],
      received: partly,
      verdict: "absent",
    });
    graph.ask({
      description: "is present for the kinds that were not",
      artifact: plate,
      target: bob,
      received: partly,
      verdict: "present",
    });
    graph.ask({
      description: "is absent after a trusted withdrawal",
      artifact: plate,
      target: bob,
      received: trusted,
      verdict: "absent",
    });
    graph.ask({
      description: "is present when it is said again",
      artifact: plate,
      target: bob,
      verdict: "present",
      notice: again,
    });
  },

  "takes back the link of a record by a trusted notice": (graph) => {
    const ann = graph.subject("ann");
    const plate = graph.plate("sh010.1001", [ann]);
    graph.notice({ type: "depicts", effect: "withdraws" }, [plate], [ann], true);
    graph.ask({ description: "is absent", artifact: plate, target: ann, verdict: "absent" });
  },

  "narrows by coverage only when it is trusted": (graph) => {
    const bob = graph.subject("bob");
    const plate = graph.plate("sh010.1001", [], { origin: "captured" });
    graph.notice({ type: "coverage", effect: "asserts", coverage: complete }, [plate]);
    const unsigned = graph.records.length;
    graph.notice({ type: "coverage", effect: "asserts", coverage: complete }, [plate], [], true);
    const trusted = graph.records.length;
    graph.notice({ type: "coverage", effect: "asserts", coverage: { face: { state: "partial" } } }, [plate]);
    graph.ask({
      description: "is unknown after an unsigned notice",
      artifact: plate,
      target: bob,
      received: unsigned,
      verdict: "unknown",
      gaps: [["coverage", plate]],
    });
    graph.ask({
      description: "is absent after a trusted one",
      artifact: plate,
      target: bob,
      received: trusted,
      verdict: "absent",
    });
    graph.ask({
      description: "is unknown when somebody doubts it, signed or not",
      artifact: plate,
      target: bob,
      verdict: "unknown",
      gaps: [["coverage", plate]],
    });
  },

  "joins subjects over several steps": (graph) => {
    const [ann, performer, actress] = [
      graph.subject("ann"),
      graph.subject("performer-17"),
      graph.subject("actress"),
    ];
    const plate = graph.plate("sh010.1001", [ann]);
    graph.notice({ type: "sameAs", effect: "asserts" }, [ann], [performer]);
    graph.notice({ type: "sameAs", effect: "asserts" }, [actress], [performer]);
    const joined = graph.records.length;
    graph.notice({ type: "sameAs", effect: "withdraws" }, [actress], [performer], true);
    graph.ask({
      description: "is present for a person under another name",
      artifact: plate,
      target: actress,
      received: joined,
      verdict: "present",
      targets: [ann, performer, actress],
      path: [[plate, "depicts", ann]],
    });
    graph.ask({
      description: "is absent once a trusted notice parts them",
      artifact: plate,
      target: actress,
      verdict: "absent",
      targets: [actress],
    });
  },

  "takes a corrected body for withheld": (graph) => {
    const bob = graph.subject("bob");
    const plate = graph.plate("sh010.1001");
    graph.notice({ type: "correction", effect: "asserts", parts: ["body"] }, [plate]);
    const doubted = graph.records.length;
    graph.notice({ type: "correction", effect: "withdraws", parts: ["body"] }, [plate], [], true);
    graph.ask({
      description: "is unknown",
      artifact: plate,
      target: bob,
      received: doubted,
      verdict: "unknown",
      gaps: [
        ["corrected", plate],
        ["openInputs", plate],
        ["coverage", plate],
      ],
    });
    graph.ask({
      description: "is absent when a trusted notice says that it was right",
      artifact: plate,
      target: bob,
      verdict: "absent",
    });
  },

  "does not let a withdrawal of rights change what was seen": (graph) => {
    const bob = graph.subject("bob");
    const plate = graph.plate("sh010.1001");
    graph.notice({ type: "withdrawal", effect: "asserts" }, [plate]);
    graph.ask({ description: "is absent", artifact: plate, target: bob, verdict: "absent" });
  },

  "does not know what a withheld or damaged notice says": (graph) => {
    const bob = graph.subject("bob");
    const [plate, other, third] = [
      graph.plate("sh010.1001"),
      graph.plate("sh010.1002"),
      graph.plate("sh010.1003"),
    ];
    const fact = { type: "decision", effect: "asserts" } as const;
    graph.putWithheld(graph.makeNotice(fact, [plate], [], false), ["body"]);
    graph.add("notice", "no facts", [["about", other]], { facts: "none" });
    graph.add("notice", "no such link", [["about", third]], { facts: [{ ...fact, about: [0, 7] }] });
    for (const [artifact, what] of [
      [plate, "withheld facts"],
      [other, "facts that do not match the schema"],
      [third, "a fact about a link that is not there"],
    ] as const) {
      graph.ask({
        description: `is unknown for ${what}`,
        artifact,
        target: bob,
        verdict: "unknown",
        gaps: [["redacted", artifact]],
      });
    }
    graph.askDownstream({
      description: "is a gap downstream too",
      record: plate,
      reached: [plate],
      gaps: [["redacted", plate]],
    });
  },

  "notices a notice about other content": (graph) => {
    const bob = graph.subject("bob");
    const plate = graph.plate("sh010.1001");
    graph.notice({ type: "decision", effect: "asserts" }, [{ ...plate, digest: wrongDigest }]);
    graph.ask({
      description: "is unknown",
      artifact: plate,
      target: bob,
      verdict: "unknown",
      gaps: [["mismatch", plate]],
    });
  },
};
