import { randomUUID } from "node:crypto";
import type { CommandData, CommandResponse } from "@byo-session/core/contract";
import { STATELESS_TOKEN_LIFETIME } from "@byo-session/core/contract";
import { SignJWT } from "jose";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import type { FairShare } from "../sessions/fair-share.ts";
import { ALGORITHM, type RotatedBy, signingKey, type TokenKeys } from "./keys.ts";

export interface StatelessTokens {
  create(data: CommandData["CreateStatelessToken"]): Promise<Answer<CommandResponse["CreateStatelessToken"]>>;
  jwks(): Promise<Answer<CommandResponse["GetJwks"]>>;
  rotate(
    data: CommandData["RotateStatelessTokenKey"],
    by: RotatedBy,
  ): Promise<Answer<CommandResponse["RotateStatelessTokenKey"]>>;
}

/** RFC 7519, section 4.1, and `sid` for the session. */
const RESERVED_CLAIMS: ReadonlySet<string> = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid"]);

/** Services fetch the whole list, so a client must not be able to make it long. */
const MAX_PUBLISHED = 10;

const NO_ENCRYPTION_KEY =
  "ENCRYPTION_KEY is not set, and a signing key is never stored unencrypted: set it to 32 bytes as base64 (openssl rand -base64 32)";

/** JWTs that other services verify with public keys. They cannot be revoked before they expire. */
export function createStatelessTokens(keys: TokenKeys, fairShare: FairShare): StatelessTokens {
  return {
    async create({ userId, sessionId, customClaims = {}, issuer, audience, notBeforeUnixtime, lifetimeSecs }) {
      const reserved = Object.keys(customClaims).find((name) => RESERVED_CLAIMS.has(name));
      if (reserved !== undefined)
        return notCreated(`customClaims: "${reserved}" is a reserved claim; choose another name`);
      if (!keys.canBeCreated) return notCreated(NO_ENCRYPTION_KEY);

      const published = await keys.published();
      const key = signingKey(published);
      if (!key) throw new Error("none of the published keys may sign yet");
      const issuedAt = Math.floor(published.now);
      const wanted = issuedAt + (lifetimeSecs ?? STATELESS_TOKEN_LIFETIME.default);
      // A token that outlived its key would be refused although it has not expired.
      const expiresAt = Math.min(wanted, key.expiresAt ?? wanted);
      if (notBeforeUnixtime !== undefined && notBeforeUnixtime >= expiresAt) {
        return notCreated(`notBeforeUnixtime: expected a time before the token expires, which is ${expiresAt}`);
      }

      const token = new SignJWT({ ...customClaims, ...(sessionId !== undefined && { sid: sessionId }) })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.id, typ: "JWT" })
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt);
      if (issuer !== undefined) token.setIssuer(issuer);
      if (audience !== undefined) token.setAudience(audience);
      if (notBeforeUnixtime !== undefined) token.setNotBefore(notBeforeUnixtime);
      return succeed({ statelessToken: await token.sign(await keys.privateKeyOf(key)), expiresAt });
    },

    async jwks() {
      return succeed({ keys: (await keys.published()).keys.map(({ publicJwk }) => publicJwk) });
    },

    async rotate(rotation, by) {
      if (rotation.secsBeforeExistingKeysAreDeactivated < rotation.secsBeforeNewKeyBecomesDefault) {
        const details =
          "secsBeforeExistingKeysAreDeactivated: expected at least secsBeforeNewKeyBecomesDefault, so that there is always a key that signs";
        return fail({ type: "InvalidParameters", details });
      }
      if (!keys.canBeCreated) return fail({ type: "RotationFailed", details: NO_ENCRYPTION_KEY });
      return fairShare("stateless-token-keys", async () => {
        // With 0 the existing keys are gone: a leaked key can always be replaced.
        const staying = rotation.secsBeforeExistingKeysAreDeactivated === 0 ? [] : (await keys.published()).keys;
        if (staying.length >= MAX_PUBLISHED) {
          const details = `${MAX_PUBLISHED} keys are published already: wait until one of them is deactivated`;
          return fail({ type: "RotationFailed", details });
        }
        return succeed(await keys.rotate(rotation, by));
      });
    },
  };
}

function notCreated(details: string) {
  return fail({ type: "TokenCreationFailed", details });
}
