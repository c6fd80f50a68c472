import type { Session } from "@byo-session/core";
import type { Place, Word } from "../src/word.ts";

export const session: Session = {
  ...{ sessionId: "s1", userId: "ada", createdAt: 1, expiresAt: 2, authenticatedAt: 1, tags: ["role:admin"] },
  metadata: { name: "Ada – née Byron 🦉", presented: 7 },
  hasDeviceRegistered: true,
  deviceEvidence: "proof",
};
export const tokens = [
  { token: "byo_sess_old", persistent: true },
  { token: "byo_sess_one", persistent: false },
] as const;
export const [, presented] = tokens;
export const outcome = { session, presented };

export const word: Word = {
  finding: { tokens, outcome },
  ...{
    realm: "__Host-sessionToken",
    method: "GET",
    targets: ["/account?a=1", "/en/account?a=1"],
    proof: "header.claims.signature",
    setsCookie: true,
  },
};
export const place: Place = {
  realm: "__Host-sessionToken",
  method: "GET",
  target: "/account?a=1",
  proof: "header.claims.signature",
};

/** Where a word does not belong. */
export const ELSEWHERE: readonly (readonly [name: string, place: Place])[] = [
  ["sessions of another kind", { ...place, realm: "__Host-adminToken" }],
  ["another path", { ...place, target: "/admin?a=1" }],
  ["another query", { ...place, target: "/account?a=2" }],
  ["another path of a page that is rendered ahead", { ...place, target: "/admin" }],
  ["the beginning of the path", { ...place, target: "/acc" }],
  ["an address that Next does not tell", { ...place, target: undefined }],
  ["another method", { ...place, method: "POST" }],
  ["a request without the proof that was spent", { ...place, proof: null }],
  ["a request with another proof", { ...place, proof: "header.claims.other" }],
];

export const OTHER_TOKENS = [
  [{ token: "byo_sess_two", persistent: true }],
  [...tokens].reverse(),
  tokens.slice(0, 1),
  [],
];
