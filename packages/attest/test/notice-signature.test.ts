// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { generateKeyPairSync } from "node:crypto";
import type { DsseSignature, NoticeBody, RmtcRecord } from "@rmtc/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyId, makeRecord, recordDigest, redact, sha256, signNotice, verifyNotice } from "../src/index.ts";
import { refusalOf } from "./refusal.ts";

function keyPair(namedCurve = "P-256"): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

const alice = keyPair();
const bob = keyPair();

function notice(): RmtcRecord {
  return makeRecord({
    kind: "notice",
    links: [{ rel: "about", to: "urn:uuid:01936e5a-0000-7000-8000-000000000002", digest: sha256("consent") }],
    name: "consent ended",
    body: { facts: [{ type: "revocation", effect: "asserts", about: [0] }] },
  });
}

const bodyOf = (record: RmtcRecord): NoticeBody => record.body as unknown as NoticeBody;
const withSignatures = (
  record: RmtcRecord,
  change: (signatures: DsseSignature[]) => DsseSignature[],
): RmtcRecord => {
  const body = structuredClone(bodyOf(record));
  if (body.signature !== undefined) body.signature.signatures = change(body.signature.signatures);
  return { ...record, body: { ...body } };
};

describe("a signed notice", () => {
  it("is trusted under its signer's key and under no other", () => {
    const signed = signNotice(notice(), alice.privateKey);
    expect(verifyNotice(signed, [bob.publicKey, alice.publicKey])).toEqual({
      trusted: true,
      keyid: keyId(alice.publicKey),
    });
    expect(verifyNotice(signed, [bob.publicKey]).trusted).toBe(false);
    expect(verifyNotice(signed, []).trusted).toBe(false);
  });

  it("has another digest and another salt than before, and stays trusted with its other parts withheld", () => {
    const unsigned = notice();
    const signed = signNotice(unsigned, alice.privateKey);
    expect(recordDigest(signed)).not.toBe(recordDigest(unsigned));
    expect(signed.salts?.body).not.toBe(unsigned.salts?.body);
    expect(signed.salts?.name).toBe(unsigned.salts?.name);
    expect(verifyNotice(redact(signed, ["name"]), [alice.publicKey]).trusted).toBe(true);
  });

  it("takes signatures of several keys, one of each", () => {
    const twice = signNotice(
      signNotice(signNotice(notice(), alice.privateKey), bob.privateKey),
      alice.privateKey,
    );
    expect(
      bodyOf(twice)
        .signature?.signatures.map(({ keyid }) => keyid)
        .toSorted(),
    ).toEqual([keyId(alice.publicKey), keyId(bob.publicKey)].toSorted());
    expect(verifyNotice(twice, [alice.publicKey]).keyid).toBe(keyId(alice.publicKey));
    expect(verifyNotice(twice, [bob.publicKey]).keyid).toBe(keyId(bob.publicKey));
  });

  it("is trusted whatever its key ids say, because they are hints", () => {
    const renamed = withSignatures(signNotice(notice(), alice.privateKey), (list) =>
      list.map(({ sig }) => ({ sig })),
    );
    expect(verifyNotice(renamed, [alice.publicKey]).trusted).toBe(true);
  });

  it("is not trusted when it says something else than was signed", () => {
    const signed = signNotice(notice(), alice.privateKey);
    const other = signNotice(notice(), alice.privateKey);
    const body = bodyOf(signed);
    const fact = body.facts[0] as NoticeBody["facts"][0];
    const changed: RmtcRecord[] = [
      { ...signed, id: notice().id },
      { ...signed, createdAt: "2020-01-01T00:00:00.000Z" },
      { ...signed, links: [] },
      { ...signed, body: { ...body, facts: [{ ...fact, effect: "withdraws" }] } },
      { ...signed, body: { ...body, signature: bodyOf(other).signature } },
      { ...signed, body: { ...body, signature: { ...body.signature, payloadType: "text/plain" } } },
      { ...signed, kind: "seal" },
      { ...signed, body: { facts: body.facts } },
      { ...signed, body: { ...body, facts: "none" } },
      redact(signed, ["body"]),
    ];
    for (const record of changed) {
      const trust = verifyNotice(record, [alice.publicKey]);
      expect(trust).toEqual({ trusted: false, reason: expect.stringMatching(/^[A-Z].*\.$/) });
    }
  });

  it("is not trusted, and does not throw, whatever stands in place of a signature", () => {
    const signed = signNotice(notice(), alice.privateKey);
    fc.assert(
      fc.property(fc.base64String({ minLength: 4, maxLength: 200 }), (sig) => {
        const forged = withSignatures(signed, () => [{ sig }]);
        expect(verifyNotice(forged, [alice.publicKey]).trusted).toBe(false);
      }),
    );
    const many = withSignatures(signed, ([own]) => Array.from({ length: 17 }, () => own as DsseSignature));
    expect(verifyNotice(many, [alice.publicKey]).trusted).toBe(false);
  });

  it("cannot be made of a record that is no notice", () => {
    expect(
      refusalOf(() => signNotice(makeRecord({ kind: "seal", body: { state: "failed" } }), alice.privateKey))
        .code,
    ).toBe("RMTC_DOCUMENT_INVALID");
    expect(
      refusalOf(() => signNotice(makeRecord({ kind: "notice", body: { facts: [] } }), alice.privateKey)).code,
    ).toBe("RMTC_DOCUMENT_INVALID");
  });

  it("takes P-256 keys only", () => {
    const larger = keyPair("P-384");
    expect(refusalOf(() => signNotice(notice(), larger.privateKey)).code).toBe("RMTC_OPTION_INVALID");
    expect(refusalOf(() => signNotice(notice(), alice.publicKey)).code).toBe("RMTC_OPTION_INVALID");
    expect(refusalOf(() => verifyNotice(notice(), [larger.publicKey])).code).toBe("RMTC_OPTION_INVALID");
    expect(refusalOf(() => verifyNotice(notice(), ["no key"])).code).toBe("RMTC_OPTION_INVALID");
  });
});

describe("keyId", () => {
  it("is the SHA-256 of the key's PEM text, however the text was wrapped", () => {
    expect(`sha256:${keyId(alice.publicKey)}`).toBe(sha256(alice.publicKey));
    expect(keyId(alice.publicKey.trimEnd().replaceAll("\n", "\r\n"))).toBe(keyId(alice.publicKey));
  });
});
