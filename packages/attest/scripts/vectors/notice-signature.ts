// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { generateKeyPairSync } from "node:crypto";
import type { NoticeBody, RmtcRecord } from "@rmtc/spec";
import { canonicalJson, keyId, redact, sha256, signNotice, verifyNotice } from "../../src/index.ts";
import { fixedId, fixedSalt, type VectorFile } from "./vector-file.ts";

const description =
  "Notices and public keys, and whether the notice is trusted under one of them. The key pair was made for the test, and its private half was thrown away. RMTC-PRV-061 to RMTC-PRV-064.";

function unsignedNotice(): RmtcRecord {
  return {
    specVersion: "0.1",
    id: fixedId(20),
    kind: "notice",
    createdAt: "2026-11-22T12:00:00.000Z",
    links: [{ rel: "about", to: fixedId(21), digest: sha256("a consent") }],
    name: "Consent ended",
    body: {
      facts: [{ type: "revocation", effect: "asserts", about: [0], effectiveAt: "2026-12-01T00:00:00.000Z" }],
    },
    salts: { name: fixedSalt(1), body: fixedSalt(2) },
  };
}

interface Signed {
  readonly record: RmtcRecord;
  readonly publicKey: string;
  readonly otherKey: string;
}

function newKey(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

function sign(): Signed {
  const key = newKey();
  const record = {
    ...signNotice(unsignedNotice(), key.privateKey),
    salts: { name: fixedSalt(1), body: fixedSalt(2) },
  };
  return { record, publicKey: key.publicKey, otherKey: newKey().publicKey };
}

/** The committed signature, if it is still over the notice above. */
function signedBefore(file: VectorFile | undefined): Signed | undefined {
  const first = file?.tests[0];
  if (first === undefined) return undefined;
  const [publicKey = "", otherKey = ""] = first.publicKeys as string[];
  const record = first.record as RmtcRecord;
  const { facts } = record.body as unknown as NoticeBody;
  const same = canonicalJson({ ...record, body: { facts } }) === canonicalJson(unsignedNotice());
  return same && verifyNotice(record, [publicKey]).trusted ? { record, publicKey, otherKey } : undefined;
}

/** Signed notices and what became of them. */
export function noticeVectors(before: VectorFile | undefined): VectorFile {
  const { record, publicKey, otherKey } = signedBefore(before) ?? sign();
  const body = record.body as unknown as NoticeBody;
  const { signature } = body;
  const [fact] = body.facts;
  const cases: readonly (readonly [string, RmtcRecord, readonly string[]])[] = [
    ["trusts a signature of one of the keys", record, [publicKey, otherKey]],
    ["trusts a notice whose other parts are withheld", redact(record, ["name"]), [publicKey]],
    ["does not trust another key", record, [otherKey]],
    ["does not trust without a key", record, []],
    ["does not trust an unsigned notice", { ...record, body: { facts: body.facts } }, [publicKey]],
    [
      "does not trust changed facts",
      { ...record, body: { facts: [{ ...fact, effect: "withdraws" }], signature } },
      [publicKey],
    ],
    ["does not trust another id", { ...record, id: fixedId(22) }, [publicKey]],
    ["does not trust another time", { ...record, createdAt: "2026-11-22T12:00:00.001Z" }, [publicKey]],
    ["does not trust another link", { ...record, links: [] }, [publicKey]],
    [
      "does not trust another payload type",
      {
        ...record,
        body: { facts: body.facts, signature: { ...signature, payloadType: "application/json" } },
      },
      [publicKey],
    ],
    ["does not trust a notice without its body", redact(record, ["body"]), [publicKey]],
  ];
  return {
    description,
    tests: cases.map(([title, notice, publicKeys]) => {
      const { trusted } = verifyNotice(notice, publicKeys);
      return {
        description: title,
        record: notice,
        publicKeys,
        trusted,
        ...(trusted ? { keyid: keyId(publicKey) } : {}),
      };
    }),
  };
}
