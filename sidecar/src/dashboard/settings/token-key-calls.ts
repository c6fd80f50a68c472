import { z } from "zod";
import type { Database } from "../../engine/db/database.ts";
import type { Envelope } from "../../engine/keys/envelope.ts";
import { signingKey } from "../../engine/stateless-tokens/keys.ts";
import type { StatelessTokens } from "../../engine/stateless-tokens/service.ts";
import { createTokenKeyStore } from "../../engine/stateless-tokens/store.ts";
import { ADMINS, call } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { TokenKeyList } from "../contract/settings.ts";
import { nothing, number } from "../fields.ts";
import { conflict, invalidField } from "../refusal.ts";

export interface TokenKeyContext {
  db: Database;
  envelope: Envelope;
  statelessTokens: StatelessTokens;
}

const TEN_YEARS_SECS = 315_360_000;

/** The signing keys of stateless tokens. */
export const TOKEN_KEY_CALLS = {
  "settings/token-keys": call({
    method: "GET",
    access: ADMINS,
    input: nothing,
    async handler(_input, _caller, { db, envelope }: TokenKeyContext): Promise<TokenKeyList> {
      // Not through the service, which creates the first key.
      const published = await createTokenKeyStore(db).published();
      const signing = signingKey(published);
      const items = published.keys.map(({ id, createdAt, signsFrom, expiresAt }) => ({
        id,
        createdAt: Math.floor(createdAt),
        signsFrom,
        expiresAt,
        isSigning: id === signing?.id,
      }));
      return { items, canBeCreated: envelope.encrypts };
    },
  }),

  "settings/rotate-token-key": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({
      secsBeforeNewKeyBecomesDefault: number(TEN_YEARS_SECS),
      secsBeforeExistingKeysAreDeactivated: number(TEN_YEARS_SECS),
    }),
    async handler(rotation, caller, { statelessTokens }: TokenKeyContext) {
      const rotated = await statelessTokens.rotate(rotation, traceOf(caller));
      if (rotated.ok) return rotated.data;
      const { error } = rotated;
      if (error.type === "InvalidParameters") {
        throw invalidField("secsBeforeExistingKeysAreDeactivated", "expected at least secsBeforeNewKeyBecomesDefault");
      }
      throw conflict("details" in error ? String(error.details) : error.type);
    },
  }),
};
