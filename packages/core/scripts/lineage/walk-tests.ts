// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { complete, type Graph, training } from "./graph.ts";

/** How strong, weak and unknown relations carry exposure, and how revisions and corrections do. */
export const walkTests: Readonly<Record<string, (graph: Graph) => void>> = {
  "follows a dataset and its plates": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.plate("sh010.1001", [ann]);
    const dataset = graph.dataset([plate]);
    const { run, weights } = graph.trained([["trainedOn", dataset]]);
    graph.ask({
      description: "is present with a path",
      artifact: weights,
      target: ann,
      verdict: "present",
      targets: [ann],
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", dataset],
        [dataset, "hasMember", plate],
        [plate, "depicts", ann],
      ],
    });
    graph.ask({
      description: "is absent when all is known",
      artifact: weights,
      target: bob,
      verdict: "absent",
    });
    graph.ask({
      description: "holds for a plate as for a person",
      artifact: weights,
      target: plate,
      verdict: "present",
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", dataset],
        [dataset, "hasMember", plate],
      ],
    });
    graph.ask({
      description: "holds for the run itself",
      artifact: run,
      target: dataset,
      verdict: "present",
      path: [[run, "trainedOn", dataset]],
    });
    graph.askDownstream({
      description: "goes back from the person to the weights",
      record: ann,
      reached: [ann, plate, dataset, run, weights],
    });
  },

  "takes a validation for influence only": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const [plate, held] = [graph.plate("sh010.1001", [ann]), graph.plate("sh020.1001", [bob])];
    const { run, weights } = graph.trained([
      ["trainedOn", plate],
      ["validatedOn", held],
    ]);
    graph.ask({
      description: "is absent-but-influenced",
      artifact: weights,
      target: bob,
      verdict: "absent-but-influenced",
      path: [
        [weights, "generatedBy", run],
        [run, "validatedOn", held],
        [held, "depicts", bob],
      ],
    });
  },

  "lets a gap come before influence": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.plate("sh010.1001", [ann], { origin: "captured" });
    const held = graph.plate("sh020.1001", [bob]);
    const { weights } = graph.trained([
      ["trainedOn", plate],
      ["validatedOn", held],
    ]);
    graph.ask({
      description: "is unknown for who was validated on",
      artifact: weights,
      target: bob,
      verdict: "unknown",
      gaps: [["coverage", plate]],
    });
    graph.ask({
      description: "is present in spite of the gap",
      artifact: weights,
      target: ann,
      verdict: "present",
      gaps: [["coverage", plate]],
    });
  },

  "does not follow a test after training": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const [plate, tested] = [graph.plate("sh010.1001", [ann]), graph.plate("sh020.1001", [bob])];
    const { weights } = graph.trained([
      ["trainedOn", plate],
      ["testedOn", tested],
    ]);
    graph.ask({ description: "is absent", artifact: weights, target: bob, verdict: "absent" });
  },

  "follows a warm start, a fusion and a synthetic dataset": (graph) => {
    const [ann, bob, cy] = [graph.subject("ann"), graph.subject("bob"), graph.subject("cy")];
    const base = graph.trained([["trainedOn", graph.plate("sh010.1001", [ann])]]);
    const other = graph.trained([["trainedOn", graph.plate("sh020.1001", [bob])]]);
    const fusion = graph.add(
      "process",
      "fusion",
      [
        ["mergedFrom", base.weights],
        ["mergedFrom", other.weights],
      ],
      { operation: "fuse", inputsClosed: true },
    );
    const fused = graph.add("weights", "fused", [["generatedBy", fusion]], { format: "safetensors" });
    graph.seal(fusion, [fused]);
    const making = graph.add("process", "synthesis", [["synthesizedBy", fused]], {
      operation: "transform",
      inputsClosed: true,
    });
    const made = graph.add("asset", "synthetic.1001", [["generatedBy", making]], {
      subjectCoverage: complete,
    });
    graph.seal(making, [made]);
    const { run, weights } = graph.trained([["trainedOn", made]]);
    graph.ask({
      description: "is present for a person in weights that were fused",
      artifact: weights,
      target: bob,
      verdict: "present",
    });
    graph.ask({
      description: "is present for the weights that made the data",
      artifact: weights,
      target: fused,
      verdict: "present",
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", made],
        [made, "generatedBy", making],
        [making, "synthesizedBy", fused],
      ],
    });
    graph.ask({
      description: "is absent for somebody else",
      artifact: weights,
      target: cy,
      verdict: "absent",
    });
  },

  "follows a relation that nobody knows, and says so": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.plate("sh010.1001", [ann]);
    const { run, weights } = graph.trained([["ACME_soaked", plate]]);
    graph.ask({
      description: "is present when the relation leads there",
      artifact: weights,
      target: ann,
      verdict: "present",
      gaps: [["unknownRelation", run]],
    });
    graph.ask({
      description: "is unknown when it does not",
      artifact: weights,
      target: bob,
      verdict: "unknown",
      gaps: [["unknownRelation", run]],
    });
  },

  "takes a subject that is linked to in another way for seen": (graph) => {
    const ann = graph.subject("ann");
    const plate = graph.add("asset", "sh010.1001", [["ACME_features", ann]], {
      origin: "captured",
      subjectCoverage: complete,
    });
    graph.ask({
      description: "is present",
      artifact: plate,
      target: ann,
      kinds: ["voice"],
      verdict: "present",
      path: [[plate, "ACME_features", ann]],
      gaps: [["unknownRelation", plate]],
    });
  },

  "asks for licences and consents by the links for them": (graph) => {
    const [terms, other] = [
      graph.add("license", "terms", [], { grants: ["train"] }),
      graph.add("license", "other terms", [], { grants: ["train"] }),
    ];
    const plate = graph.add("asset", "sh010.1001", [["licensedUnder", terms]], {
      origin: "captured",
      subjectCoverage: complete,
    });
    const { run, weights } = graph.trained([["trainedOn", plate]]);
    graph.ask({
      description: "is present for the licence of an input",
      artifact: weights,
      target: terms,
      verdict: "present",
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", plate],
        [plate, "licensedUnder", terms],
      ],
    });
    graph.ask({ description: "is absent for another", artifact: weights, target: other, verdict: "absent" });
    const later = graph.notice({ type: "license", effect: "asserts", grantedBy: 1 }, [plate], [other]);
    graph.ask({
      description: "is present for a licence that was given later",
      artifact: weights,
      target: other,
      verdict: "present",
      notice: later,
    });
    graph.askDownstream({
      description: "goes from a licence to what is under it",
      record: terms,
      reached: [terms, plate, run, weights],
    });
  },

  "does not go on to a revision": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const first = graph.plate("sh010.1001", [ann]);
    const { run, weights } = graph.trained([["trainedOn", first]]);
    const second = graph.add(
      "asset",
      "sh010.1001",
      [
        ["depicts", bob],
        ["supersedes", first],
      ],
      { origin: "captured", subjectCoverage: complete, supersedes: [{ link: 1, as: "revision" }] },
    );
    graph.ask({
      description: "is absent for who is only in the revision",
      artifact: weights,
      target: bob,
      verdict: "absent",
    });
    graph.askDownstream({
      description: "does not reach those who used the old one",
      record: second,
      reached: [second],
    });
    graph.askDownstream({
      description: "reaches those who used the record asked for",
      record: first,
      reached: [first, run, weights],
    });
  },

  "goes on to a correction": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const wrong = graph.plate("sh010.1001", [ann]);
    const { run, weights } = graph.trained([["trainedOn", wrong]]);
    const right = graph.add(
      "asset",
      "sh010.1001",
      [
        ["supersedes", wrong],
        ["depicts", bob],
      ],
      { origin: "captured", subjectCoverage: complete, supersedes: [{ link: 0, as: "correction" }] },
    );
    graph.ask({
      description: "is present for who is only in the correction",
      artifact: weights,
      target: bob,
      verdict: "present",
      path: [
        [weights, "generatedBy", run],
        [run, "trainedOn", wrong],
        [right, "supersedes", wrong],
        [right, "depicts", bob],
      ],
    });
    graph.ask({
      description: "takes nothing away from the old record",
      artifact: weights,
      target: ann,
      verdict: "present",
    });
    graph.ask({
      description: "is absent as of before the correction",
      artifact: weights,
      target: bob,
      received: 6,
      verdict: "absent",
    });
    graph.askDownstream({
      description: "reaches those who used the old one",
      record: bob,
      reached: [bob, right, wrong, run, weights],
    });
  },

  "takes a missing mark for a correction": (graph) => {
    const bob = graph.subject("bob");
    const old = graph.plate("sh010.1001");
    const next = graph.add(
      "asset",
      "sh010.1001",
      [
        ["supersedes", old],
        ["depicts", bob],
      ],
      { origin: "captured", subjectCoverage: complete },
    );
    graph.ask({
      description: "is present",
      artifact: old,
      target: bob,
      verdict: "present",
      path: [
        [next, "supersedes", old],
        [next, "depicts", bob],
      ],
    });
  },

  "takes a withheld mark for a correction": (graph) => {
    const ann = graph.subject("ann");
    const old = graph.plate("sh010.1001");
    const next = graph.make("asset", "sh010.1001", [["supersedes", old]], {
      origin: "captured",
      subjectCoverage: complete,
      supersedes: [{ link: 0, as: "revision" }],
    });
    const withheld = graph.putWithheld(next, ["body"]);
    graph.ask({
      description: "is unknown, for the gaps of the correction",
      artifact: old,
      target: ann,
      verdict: "unknown",
      gaps: [
        ["openInputs", withheld],
        ["coverage", withheld],
      ],
    });
  },

  "goes on from corrections of corrections": (graph) => {
    const bob = graph.subject("bob");
    const first = graph.plate("sh010.1001");
    const second = graph.add("asset", "sh010.1001", [["supersedes", first]], {
      origin: "captured",
      subjectCoverage: complete,
      supersedes: [{ link: 0, as: "correction" }],
    });
    const run = graph.add("run", "training", [["trainedOn", graph.plate("sh020.1001", [bob])]], training);
    const third = graph.add(
      "asset",
      "sh010.1001",
      [
        ["supersedes", second],
        ["generatedBy", run],
      ],
      { subjectCoverage: complete, supersedes: [{ link: 0, as: "correction" }] },
    );
    graph.seal(run, [third]);
    graph.ask({ description: "is present", artifact: first, target: bob, verdict: "present" });
  },
};
