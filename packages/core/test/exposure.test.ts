// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { generateKeyPairSync } from "node:crypto";
import { makeRecord } from "@rmtc/attest";
import { describe, expect, it } from "vitest";
import { exposure, linkTo, publishNotice } from "../src/index.ts";
import { complete, Production } from "./fixtures/production.ts";
import { openTestWorkspace } from "./fixtures/test-workspace.ts";

const keys = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

describe("a verdict", () => {
  it("is present, with the path, when a dataset's plate depicts the subject", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const ann = production.subject("ann");
    const plate = production.plate([ann]);
    const dataset = production.dataset([plate]);
    const weights = production.trained([linkTo("trainedOn", dataset)]);
    await production.put(workspace);
    const answer = await exposure(workspace, weights.id, ann.id);
    expect(answer.verdict).toBe("present");
    expect(answer.path?.map((edge) => edge.rel)).toEqual([
      "generatedBy",
      "trainedOn",
      "hasMember",
      "depicts",
    ]);
    expect(answer.path?.at(-1)?.to).toBe(ann.id);
    expect(answer).toMatchObject({ complete: true, gaps: [], targets: [ann.id] });
  });

  it("is not given for what is neither artifact nor activity: of a subject herself it would be absent", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const ann = production.subject("ann");
    await production.put(workspace);
    await expect(exposure(workspace, ann.id, ann.id)).rejects.toMatchObject({
      code: "RMTC_OPTION_INVALID",
      pointer: "/artifact",
    });
  });

  it("is absent only when everything on the way is known", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const [ann, bob] = [production.subject("ann"), production.subject("bob")];
    const weights = production.trained([linkTo("trainedOn", production.dataset([production.plate([ann])]))]);
    await production.put(workspace);
    expect(await exposure(workspace, weights.id, bob.id)).toMatchObject({
      verdict: "absent",
      complete: true,
    });
  });

  it("is absent-but-influenced when the subject was only validated on", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const [ann, bob] = [production.subject("ann"), production.subject("bob")];
    const weights = production.trained([
      linkTo("trainedOn", production.dataset([production.plate([ann])])),
      linkTo("validatedOn", production.dataset([production.plate([bob])])),
    ]);
    await production.put(workspace);
    const answer = await exposure(workspace, weights.id, bob.id);
    expect(answer.verdict).toBe("absent-but-influenced");
    expect(answer.path?.map((edge) => edge.rel)).toContain("validatedOn");
  });

  it.each(["initializedFrom", "resumedFrom", "distilledFrom", "adapterOf", "conditionedOn"] as const)(
    "follows %s to earlier weights",
    async (rel) => {
      const workspace = await openTestWorkspace();
      const production = new Production();
      const [ann, bob] = [production.subject("ann"), production.subject("bob")];
      const base = production.trained([linkTo("trainedOn", production.dataset([production.plate([ann])]))]);
      const next = production.trained([
        linkTo("trainedOn", production.dataset([production.plate([bob])])),
        linkTo(rel, base),
      ]);
      await production.put(workspace);
      expect((await exposure(workspace, next.id, ann.id)).verdict).toBe("present");
    },
  );
});

describe("a verdict is unknown, never absent,", () => {
  const build = (production: Production) => {
    const [ann, bob] = [production.subject("ann"), production.subject("bob")];
    const plate = production.plate([ann]);
    const dataset = production.dataset([plate]);
    return { ann, bob, plate, dataset };
  };

  it("for weights without an origin", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob } = build(production);
    const weights = production.add("weights", [], { format: "onnx" });
    await production.put(workspace);
    const answer = await exposure(workspace, weights.id, bob.id);
    expect(answer).toMatchObject({
      verdict: "unknown",
      complete: false,
      gaps: [{ type: "openInputs", record: weights.id }],
    });
  });

  it("for a warm start from somebody else's weights", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob, dataset } = build(production);
    const base = production.add("weights", [], { format: "onnx", external: { provider: "p", model: "m" } });
    const weights = production.trained([linkTo("trainedOn", dataset), linkTo("initializedFrom", base)]);
    await production.put(workspace);
    expect(await exposure(workspace, weights.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "openInputs", record: base.id }],
    });
  });

  it.each([
    ["without coverage", { origin: "captured" }],
    [
      "with partial coverage",
      { origin: "captured", subjectCoverage: { ...complete, voice: { state: "partial" } } },
    ],
  ])("for a plate %s", async (_, body) => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const bob = production.subject("bob");
    const plate = production.plate([], body);
    const weights = production.trained([linkTo("trainedOn", production.dataset([plate]))]);
    await production.put(workspace);
    expect(await exposure(workspace, weights.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "coverage", record: plate.id }],
    });
  });

  it("for a run that has not ended, and for one with open inputs", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob, dataset } = build(production);
    const open = production.trained([linkTo("trainedOn", dataset)], { sealed: false });
    const leaky = production.trained([linkTo("trainedOn", dataset)], { inputsClosed: false });
    await production.put(workspace);
    expect(await exposure(workspace, open.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "unsealed", record: open.run.id }],
    });
    expect(await exposure(workspace, leaky.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "openInputs", record: leaky.run.id }],
    });
  });

  it("for an output that its seal does not list, and for seals that disagree", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob, dataset } = build(production);
    const unlisted = production.trained([linkTo("trainedOn", dataset)], { listed: false });
    const twice = production.trained([linkTo("trainedOn", dataset)]);
    production.add("seal", [linkTo("about", twice.run), linkTo("lists", twice)], { state: "failed" });
    await production.put(workspace);
    expect(await exposure(workspace, unlisted.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "unlistedOutput", record: unlisted.id }],
    });
    expect(await exposure(workspace, twice.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "sealConflict", record: twice.run.id }],
    });
  });

  it("for each record of the path that is gone", async () => {
    const production = new Production();
    const { bob, plate, dataset } = build(production);
    const weights = production.trained([linkTo("trainedOn", dataset)]);
    const records = [...production.records];
    for (const gone of [weights.run.id, dataset.id, plate.id]) {
      const workspace = await openTestWorkspace();
      production.records.push(...records.slice(production.records.length));
      await production.put(workspace, { without: [gone] });
      const answer = await exposure(workspace, weights.id, bob.id);
      expect(answer.verdict).toBe("unknown");
      expect(answer.gaps).toContainEqual(expect.objectContaining({ type: "missing", record: gone }));
    }
  });

  it("for each record of the path whose body is withheld", async () => {
    const production = new Production();
    const { bob, plate, dataset } = build(production);
    const weights = production.trained([linkTo("trainedOn", dataset)]);
    const records = [...production.records];
    for (const withheld of [weights.run.id, dataset.id, plate.id]) {
      const workspace = await openTestWorkspace();
      production.records.push(...records.slice(production.records.length));
      await production.put(workspace, { withheld: [withheld] });
      const answer = await exposure(workspace, weights.id, bob.id);
      expect(answer.verdict).toBe("unknown");
      expect(answer.gaps.some((gap) => gap.record === withheld)).toBe(true);
    }
  });

  it("for a relation or kind that this version does not know", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob, dataset } = build(production);
    const strange = production.add("ACME_thing", [], {});
    const weights = production.trained([
      linkTo("trainedOn", dataset),
      { ...linkTo("used", strange), rel: "ACME_soaked" },
    ]);
    await production.put(workspace);
    const answer = await exposure(workspace, weights.id, bob.id);
    expect(answer.verdict).toBe("unknown");
    expect(answer.gaps.map((gap) => gap.type).sort()).toEqual(["unknownKind", "unknownRelation"]);
  });

  it("for a link whose target has another digest", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const { bob, dataset } = build(production);
    const weights = production.trained([
      { ...linkTo("trainedOn", dataset), digest: `sha256:${"1".repeat(64)}` },
    ]);
    await production.put(workspace);
    expect(await exposure(workspace, weights.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "mismatch", record: dataset.id }],
    });
  });
});

it("refuses a question that no walk could answer", async () => {
  const workspace = await openTestWorkspace();
  const production = new Production();
  const party = production.add("party", [], { partyType: "organization" });
  const plate = production.plate([]);
  await production.put(workspace);
  await expect(exposure(workspace, plate.id, party.id)).rejects.toMatchObject({
    code: "RMTC_OPTION_INVALID",
    pointer: "/target",
  });
});

describe("kinds of likeness", () => {
  it("tell a voice from a face, and missing detail means all kinds", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const ann = production.subject("ann");
    const voice = production.plate([ann], {
      origin: "captured",
      subjectCoverage: complete,
      depicts: [{ link: 0, kinds: ["voice"] }],
    });
    const any = production.plate([ann]);
    await production.put(workspace);
    expect((await exposure(workspace, voice.id, ann.id, { kinds: ["face"] })).verdict).toBe("absent");
    expect((await exposure(workspace, voice.id, ann.id, { kinds: ["voice", "face"] })).verdict).toBe(
      "present",
    );
    expect((await exposure(workspace, any.id, ann.id, { kinds: ["motion"] })).verdict).toBe("present");
  });

  it("are asked of coverage too", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const ann = production.subject("ann");
    const plate = production.plate([], {
      origin: "captured",
      subjectCoverage: { face: { state: "complete" } },
    });
    await production.put(workspace);
    expect((await exposure(workspace, plate.id, ann.id, { kinds: ["face"] })).verdict).toBe("absent");
    expect((await exposure(workspace, plate.id, ann.id)).verdict).toBe("unknown");
  });
});

describe("notices", () => {
  it("that somebody was found later count unsigned, as of when they were received", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const bob = production.subject("bob");
    const plate = production.plate([]);
    const weights = production.trained([linkTo("trainedOn", production.dataset([plate]))]);
    await production.put(workspace);
    const before = (await workspace.records.head()).cursor;
    const notice = await publishNotice(workspace, [
      { type: "depicts", effect: "asserts", about: [plate], subjects: [bob] },
    ]);
    expect(await exposure(workspace, weights.id, bob.id)).toMatchObject({
      verdict: "present",
      notice: notice.id,
    });
    expect((await exposure(workspace, weights.id, bob.id, { asOf: before })).verdict).toBe("absent");
  });

  it("that withdraw a depiction count only with a trusted signature", async () => {
    const workspace = await openTestWorkspace({}, { trustedKey: keys.publicKey });
    const production = new Production();
    const bob = production.subject("bob");
    const plate = production.plate([bob]);
    await production.put(workspace);
    const fact = { type: "depicts", effect: "withdraws", about: [plate], subjects: [bob] } as const;
    await publishNotice(workspace, [fact]);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("present");
    const stranger = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    await publishNotice(workspace, [fact], stranger.privateKey);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("present");
    await publishNotice(workspace, [fact], keys.privateKey);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("absent");
    await publishNotice(workspace, [{ ...fact, effect: "asserts" }]);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("present");
  });

  it("of coverage narrow when trusted and widen when not", async () => {
    const workspace = await openTestWorkspace({}, { trustedKey: keys.publicKey });
    const production = new Production();
    const bob = production.subject("bob");
    const plate = production.plate([], { origin: "captured" });
    await production.put(workspace);
    await publishNotice(workspace, [
      { type: "coverage", effect: "asserts", about: [plate], coverage: complete },
    ]);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("unknown");
    await publishNotice(
      workspace,
      [{ type: "coverage", effect: "asserts", about: [plate], coverage: complete }],
      keys.privateKey,
    );
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("absent");
    await publishNotice(workspace, [
      { type: "coverage", effect: "asserts", about: [plate], coverage: { face: { state: "partial" } } },
    ]);
    expect((await exposure(workspace, plate.id, bob.id)).verdict).toBe("unknown");
  });

  it("join two facilities' subjects, also over several steps", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const [ann, performer, actress] = [
      production.subject("ann"),
      production.subject("performer-17"),
      production.subject("actress"),
    ];
    const plate = production.plate([ann]);
    await production.put(workspace);
    expect((await exposure(workspace, plate.id, actress.id)).verdict).toBe("absent");
    await publishNotice(workspace, [
      { type: "sameAs", effect: "asserts", about: [ann], subjects: [performer] },
    ]);
    await publishNotice(workspace, [
      { type: "sameAs", effect: "asserts", about: [actress], subjects: [performer] },
    ]);
    const answer = await exposure(workspace, plate.id, actress.id);
    expect(answer.verdict).toBe("present");
    expect(new Set(answer.targets)).toEqual(new Set([ann.id, performer.id, actress.id]));
  });

  it("whose facts are withheld or not well formed make the verdict unknown", async () => {
    const workspace = await openTestWorkspace();
    const production = new Production();
    const bob = production.subject("bob");
    const [plate, other] = [production.plate([]), production.plate([])];
    const notice = production.add("notice", [linkTo("about", plate)], {
      facts: [{ type: "decision", effect: "asserts", about: [0] }],
    });
    production.records.push(
      makeRecord({ kind: "notice", links: [linkTo("about", other)], body: { facts: "none" } }),
    );
    await production.put(workspace, { withheld: [notice.id] });
    expect(await exposure(workspace, plate.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "redacted" }],
    });
    expect(await exposure(workspace, other.id, bob.id)).toMatchObject({
      verdict: "unknown",
      gaps: [{ type: "redacted" }],
    });
  });
});
