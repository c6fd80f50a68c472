import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { LogoutProvider } from "@byo-session/core";
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { serve } from "./serve.ts";

export const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** The part of an OpenID provider that logs users out: it publishes keys and signs logout tokens. */
export interface OpenIdProvider {
  /** What an application is told about it. */
  readonly settings: LogoutProvider;
  /** How many times its keys were fetched. */
  readonly fetches: () => number;
  /** Answers requests for the keys in another way; undefined: as usual again. */
  answerKeys(by: ((response: ServerResponse) => void) | undefined): void;
  /** Signs with a new key from now on, and publishes only that one. Default: under a new id. */
  rotateKey(kid?: string): Promise<void>;
  /** The id of the key with which it signs. */
  readonly kid: () => string;
  /** A good logout token, but for the claims and headers that are given; undefined leaves one out. */
  logoutToken(claims: object, header?: Partial<JWTHeaderParameters>): Promise<string>;
}

export interface ProviderOptions {
  issuer?: string;
  /** In Unix seconds. Default: this machine's clock. */
  now?: () => Promise<number>;
}

export async function startOpenIdProvider({
  issuer = "https://login.example.com/",
  now = async () => Math.floor(Date.now() / 1000),
}: ProviderOptions = {}): Promise<OpenIdProvider> {
  let key = await newKey();
  let fetches = 0;
  let answer: ((response: ServerResponse) => void) | undefined;
  const { url } = await serve((_request, response) => {
    fetches++;
    if (answer) answer(response);
    else response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [key.jwk] }));
  });
  const settings = { issuer, clientId: "the-app", jwksUri: `${url}/jwks` };
  return {
    settings,
    fetches: () => fetches,
    answerKeys(by) {
      answer = by;
    },
    async rotateKey(kid) {
      key = await newKey(kid);
    },
    kid: () => key.jwk.kid,
    async logoutToken(claims, header = {}) {
      const iat = await now();
      const usual = { iss: issuer, aud: settings.clientId, iat, exp: iat + 120, jti: randomUUID() };
      return new SignJWT({ ...usual, events: { [LOGOUT_EVENT]: {} }, ...claims })
        .setProtectedHeader({ alg: "ES256", typ: "logout+jwt", kid: key.jwk.kid, ...header })
        .sign(key.privateKey);
    },
  };
}

async function newKey(kid: string = randomUUID()) {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" } };
}
