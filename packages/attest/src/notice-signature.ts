// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createPublicKey } from "node:crypto";
import { RmtcError } from "@rmtc/contract";
import { type NoticeBody, type RmtcRecord, validateDocument } from "@rmtc/spec";
import { canonicalJson } from "./canonical-json.ts";
import { signDsse, verifyDsse } from "./dsse.ts";
import { newSalt } from "./salt.ts";
import { keyIdOf, readPrivateKey, readPublicKey } from "./signing-key.ts";

/** The media type of what a notice's signature is made over. */
export const noticePayloadType = "application/vnd.rmtc.notice+json";

const maxSignatures = 16;

/** Whether a notice can be trusted, by which key, or why not. */
export interface NoticeTrust {
  readonly trusted: boolean;
  /** The id of the key that verified. */
  readonly keyid?: string;
  /** Why the notice is not trusted, in one sentence. */
  readonly reason?: string;
}

/**
 * Signs a notice before it is put: the result has the signature in its body, and a fresh salt for it.
 *
 * The signature is a DSSE envelope over the canonical JSON of `{createdAt, facts, id, links}`. A signature by
 * another key is kept, so that several people can sign one notice in turn.
 *
 * @throws RMTC_DOCUMENT_INVALID when the record is not a notice with facts.
 * @throws RMTC_OPTION_INVALID when the key is not a P-256 private key in PEM.
 * @see spec/draft/provenance.md#notices
 */
export function signNotice(record: RmtcRecord, privateKeyPem: string): RmtcRecord {
  const body = noticeBody(record);
  if (typeof body === "string") {
    throw new RmtcError("RMTC_DOCUMENT_INVALID", `Record ${record.id} cannot be signed: ${body}`, {
      subject: record.id,
    });
  }
  const privateKey = readPrivateKey(privateKeyPem);
  const payload = Buffer.from(noticePayload(record, body));
  const signature = {
    keyid: keyIdOf(createPublicKey(privateKey)),
    sig: signDsse(noticePayloadType, payload, privateKey),
  };
  const kept = body.signature?.signatures.filter(({ keyid }) => keyid !== signature.keyid) ?? [];
  const signed: NoticeBody = {
    facts: body.facts,
    signature: {
      payloadType: noticePayloadType,
      payload: payload.toString("base64"),
      signatures: [...kept, signature],
    },
  };
  return { ...record, body: { ...signed }, salts: { ...record.salts, body: newSalt() } };
}

/**
 * Tells whether a notice carries a signature of one of the keys over exactly its own content.
 *
 * A notice that is not trusted may still widen exposure, and never narrows it.
 *
 * @param publicKeys P-256 public keys in PEM.
 * @throws RMTC_OPTION_INVALID when a key is not a P-256 public key in PEM.
 */
export function verifyNotice(record: RmtcRecord, publicKeys: Iterable<string>): NoticeTrust {
  const keys = Array.from(publicKeys, readPublicKey);
  const body = noticeBody(record);
  if (typeof body === "string") return { trusted: false, reason: body };
  const { signature } = body;
  if (signature === undefined) return { trusted: false, reason: "The notice is not signed." };
  const payload = Buffer.from(noticePayload(record, body));
  if (signature.payloadType !== noticePayloadType || signature.payload !== payload.toString("base64")) {
    return { trusted: false, reason: "The signature is over other content than the notice's own." };
  }
  if (signature.signatures.length > maxSignatures) {
    return { trusted: false, reason: `The notice has more than ${maxSignatures} signatures.` };
  }
  for (const { sig } of signature.signatures) {
    const signer = keys.find((key) => verifyDsse(noticePayloadType, payload, sig, key));
    if (signer !== undefined) return { trusted: true, keyid: keyIdOf(signer) };
  }
  return { trusted: false, reason: "No signature is of a configured public key." };
}

/** Returns a notice's body, or the sentence that says why there is none. */
function noticeBody(record: RmtcRecord): NoticeBody | string {
  if (record.kind !== "notice") return `It is of the kind ${record.kind}, not a notice.`;
  if (record.body === undefined) return "Its body is withheld or erased.";
  const issue = validateDocument("notice", record.body);
  if (issue !== undefined) return `Its body is not well formed: "/body${issue.pointer}" ${issue.message}.`;
  return record.body as unknown as NoticeBody;
}

function noticePayload({ id, createdAt, links }: RmtcRecord, { facts }: NoticeBody): string {
  return canonicalJson({ id, createdAt, links, facts });
}
