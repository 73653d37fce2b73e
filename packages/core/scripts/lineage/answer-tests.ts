// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { complete, type Graph, known, training } from "./graph.ts";

const wrongDigest = `sha256:${"1".repeat(64)}`;

/** What is not known, and what it does to a verdict. */
export const answerTests: Readonly<Record<string, (graph: Graph) => void>> = {
  "does not know what weights without an origin have seen": (graph) => {
    const ann = graph.subject("ann");
    const weights = graph.add("weights", "from-the-web", [], { format: "onnx" });
    const service = graph.add("weights", "a-service", [], {
      external: { provider: "acme", model: "dream-2" },
    });
    const { weights: tuned } = graph.trained([
      ["trainedOn", graph.plate("sh010.1001")],
      ["initializedFrom", service],
    ]);
    graph.ask({
      description: "is unknown for the weights",
      artifact: weights,
      target: ann,
      verdict: "unknown",
      gaps: [["openInputs", weights]],
    });
    graph.ask({
      description: "is unknown for what was started from a service",
      artifact: tuned,
      target: ann,
      verdict: "unknown",
      gaps: [["openInputs", service]],
    });
  },

  "does not close inputs by an ancestor or a variant": (graph) => {
    const ann = graph.subject("ann");
    const plate = graph.plate("sh010.1001");
    const graded = graph.add("asset", "sh010.1001.graded", [["derivedFrom", plate]], {
      subjectCoverage: complete,
    });
    const copy = graph.add("asset", "sh010.1001.png", [["variantOf", plate]], { subjectCoverage: complete });
    for (const artifact of [graded, copy]) {
      graph.ask({
        description: `is unknown for ${artifact === graded ? "a descendant" : "a variant"}`,
        artifact,
        target: ann,
        verdict: "unknown",
        gaps: [["openInputs", artifact]],
      });
    }
  },

  "needs coverage of every kind that is asked for": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const bare = graph.plate("sh010.1001", [], { origin: "captured" });
    const partial = graph.plate("sh010.1002", [], {
      origin: "captured",
      subjectCoverage: { ...complete, voice: { state: "partial", method: "call sheet" } },
    });
    const voice = graph.plate("sh010.1003", [ann], { ...known, depicts: [{ link: 0, kinds: ["voice"] }] });
    graph.ask({
      description: "is unknown for a plate without coverage",
      artifact: bare,
      target: bob,
      verdict: "unknown",
      gaps: [["coverage", bare]],
    });
    graph.ask({
      description: "is unknown for a voice when voices are partly known",
      artifact: partial,
      target: bob,
      kinds: ["voice"],
      verdict: "unknown",
      gaps: [["coverage", partial]],
    });
    graph.ask({
      description: "is absent for a face when faces are known",
      artifact: partial,
      target: bob,
      kinds: ["face"],
      verdict: "absent",
    });
    graph.ask({
      description: "is absent for the face of a voice",
      artifact: voice,
      target: ann,
      kinds: ["face"],
      verdict: "absent",
    });
    graph.ask({
      description: "is present for the voice",
      artifact: voice,
      target: ann,
      kinds: ["face", "voice"],
      verdict: "present",
    });
  },

  "does not make up for a partial member by a complete dataset": (graph) => {
    const ann = graph.subject("ann");
    const part = graph.dataset([graph.plate("sh010.1001")], {
      subjectCoverage: { ...complete, face: { state: "partial" } },
    });
    const whole = graph.dataset([part, graph.plate("sh010.1002")]);
    graph.ask({
      description: "is unknown for a face",
      artifact: whole,
      target: ann,
      kinds: ["face"],
      verdict: "unknown",
      gaps: [["coverage", part]],
    });
    graph.ask({
      description: "is absent for a name",
      artifact: whole,
      target: ann,
      kinds: ["name"],
      verdict: "absent",
    });
  },

  "waits for the seal of an open run": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.plate("sh010.1001", [ann]);
    const run = graph.add("run", "training", [["trainedOn", plate]], training);
    const checkpoint = graph.add("checkpoint", "day 3", [["generatedBy", run]], { step: 9000 });
    graph.ask({
      description: "is present for what it reads",
      artifact: checkpoint,
      target: ann,
      verdict: "present",
      gaps: [["unsealed", run]],
    });
    graph.ask({
      description: "is unknown for anything else",
      artifact: checkpoint,
      target: bob,
      verdict: "unknown",
      gaps: [["unsealed", run]],
    });
    graph.askDownstream({
      description: "lists the run, which may still make more",
      record: ann,
      reached: [ann, plate, run, checkpoint],
      unsealed: [run],
    });
    const received = graph.records.length;
    graph.seal(run, [checkpoint]);
    graph.ask({
      description: "is absent once it is sealed",
      artifact: checkpoint,
      target: bob,
      verdict: "absent",
    });
    graph.ask({
      description: "is still unknown as of before",
      artifact: checkpoint,
      target: bob,
      received,
      verdict: "unknown",
      gaps: [["unsealed", run]],
    });
  },

  "does not trust an activity that leaves its inputs open": (graph) => {
    const ann = graph.subject("ann");
    const run = graph.add("run", "training", [], { ...training, inputsClosed: false });
    const weights = graph.add("weights", "hero-roto", [["generatedBy", run]], { format: "safetensors" });
    graph.seal(run, [weights]);
    graph.ask({
      description: "is unknown",
      artifact: weights,
      target: ann,
      verdict: "unknown",
      gaps: [["openInputs", run]],
    });
  },

  "compares outputs with what the seal lists": (graph) => {
    const ann = graph.subject("ann");
    const run = graph.add("run", "training", [], training);
    const listed = graph.add("weights", "hero-roto", [["generatedBy", run]], { format: "safetensors" });
    const claimed = graph.add("weights", "claimed", [["generatedBy", run]], { format: "safetensors" });
    const forged = graph.add("weights", "forged", [["generatedBy", run]], { format: "safetensors" });
    graph.seal(run, [listed, { ...forged, digest: wrongDigest }]);
    graph.ask({
      description: "is absent for a listed output",
      artifact: listed,
      target: ann,
      verdict: "absent",
    });
    graph.ask({
      description: "is unknown for one that is not listed",
      artifact: claimed,
      target: ann,
      verdict: "unknown",
      gaps: [["unlistedOutput", claimed]],
    });
    graph.ask({
      description: "is unknown for one that is listed under another digest",
      artifact: forged,
      target: ann,
      verdict: "unknown",
      gaps: [["unlistedOutput", forged]],
    });
  },

  "does not choose between two seals": (graph) => {
    const ann = graph.subject("ann");
    const { run, weights } = graph.trained([]);
    graph.seal(run, [weights], "failed");
    graph.ask({
      description: "is unknown",
      artifact: weights,
      target: ann,
      verdict: "unknown",
      gaps: [["sealConflict", run]],
    });
  },

  "misses records that are not held or have another digest": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.make("asset", "sh010.1001", [["depicts", ann]], known);
    const gone = { id: plate.id, digest: wrongDigest };
    const { weights } = graph.trained([["trainedOn", gone]]);
    graph.ask({
      description: "is unknown for a target that is not held",
      artifact: weights,
      target: bob,
      verdict: "unknown",
      gaps: [["missing", gone]],
    });
    graph.put(plate);
    graph.ask({
      description: "does not walk to a target with another digest",
      artifact: weights,
      target: ann,
      verdict: "unknown",
      gaps: [["mismatch", gone]],
    });
  },

  "takes withheld bodies for unknown, and keeps the links": (graph) => {
    const [ann, bob] = [graph.subject("ann"), graph.subject("bob")];
    const plate = graph.make("asset", "sh010.1001", [["depicts", ann]], {
      ...known,
      depicts: [{ link: 0, kinds: ["voice"] }],
    });
    const withheld = graph.putWithheld(plate, ["name", "body"]);
    const run = graph.putWithheld(graph.make("run", "training", [["trainedOn", withheld]], training), [
      "body",
    ]);
    const weights = graph.add("weights", "hero-roto", [["generatedBy", run]], { format: "safetensors" });
    graph.seal(run, [weights]);
    const gaps = [
      ["openInputs", withheld],
      ["coverage", withheld],
      ["redacted", run],
    ] as const;
    graph.ask({
      description: "is present for all kinds, since the detail is withheld",
      artifact: weights,
      target: ann,
      kinds: ["face"],
      verdict: "present",
      gaps,
    });
    graph.ask({
      description: "is unknown for others",
      artifact: weights,
      target: bob,
      verdict: "unknown",
      gaps,
    });
  },

  "does not need names, versions and files": (graph) => {
    const ann = graph.subject("ann");
    const weights = graph.make("weights", "hero-roto", [], { format: "safetensors" });
    const run = graph.add("run", "training", [], training);
    const made = graph.putWithheld(
      { ...weights, links: [{ rel: "generatedBy", to: run.id, digest: run.digest }] },
      ["name", "body"],
    );
    graph.seal(run, [made]);
    graph.ask({ description: "is absent", artifact: made, target: ann, verdict: "absent" });
  },

  "does not rely on a body that does not match its schema": (graph) => {
    const ann = graph.subject("ann");
    const plate = graph.plate("sh010.1001", [], { ...known, origin: "downloaded" });
    graph.ask({
      description: "is unknown",
      artifact: plate,
      target: ann,
      verdict: "unknown",
      gaps: [
        ["invalidBody", plate],
        ["openInputs", plate],
        ["coverage", plate],
      ],
    });
  },

  "does not know a kind of a later version": (graph) => {
    const ann = graph.subject("ann");
    const thing = graph.add("ACME_thing", "a thing", [], {});
    const { weights } = graph.trained([["used", thing]]);
    graph.ask({
      description: "is unknown",
      artifact: weights,
      target: ann,
      verdict: "unknown",
      gaps: [["unknownKind", thing]],
    });
  },

  "refuses what no walk could answer": (graph) => {
    const plate = graph.plate("sh010.1001");
    const vendor = graph.add("party", "vendor", [], { partyType: "organization" });
    graph.refuse("refuses to say whether a plate has seen a party", plate, vendor);
  },

  "names whoever holds a delivery": (graph) => {
    const plate = graph.plate("sh010.1001");
    const vendor = graph.add("party", "vendor", [], { partyType: "organization" });
    const delivery = graph.add(
      "delivery",
      "to the vendor",
      [
        ["used", plate],
        ["deliveredTo", vendor],
      ],
      { mode: "bundle", inputsClosed: true },
    );
    graph.seal(delivery, []);
    graph.askDownstream({
      description: "lists the holder",
      record: plate,
      reached: [plate, delivery],
      holders: [{ delivery, party: vendor }],
    });
  },
};
