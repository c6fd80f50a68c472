import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
  type RemoteJWKSet,
} from "jose";
import { ConfigurationError } from "../errors.ts";
import { StatelessTokenError } from "./error.ts";

/** A key that was taken from the list is accepted for this time at most. */
const KEPT_FOR_MS = 300_000;
/** Then they are read again beside the requests, so that an address which is away for two minutes is not noticed. */
const RENEWED_AFTER_MS = KEPT_FOR_MS / 2;
const TIMEOUT_MS = 2000;
/** Whoever sends unknown key ids, or an address that fails, makes this process ask once in this time. */
const PAUSE_MS = 1000;

const sources = new Map<string, JWTVerifyGetKey>();

/**
 * The keys of an address, shared by all calls of this process.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` when the address cannot be used.
 */
export function publishedKeys(jwksUrl: string | URL): JWTVerifyGetKey {
  const address = String(jwksUrl);
  const known = sources.get(address);
  if (known) return known;
  const url = URL.parse(address);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      "`jwksUrl`: expected the http(s) address of the keys, such as http://127.0.0.1:2884/.well-known/jwks.json",
    );
  }
  const source = keysAt(url);
  sources.set(address, source);
  return source;
}

function keysAt(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: PAUSE_MS,
    cacheMaxAge: KEPT_FOR_MS,
    [customFetch]: pausingAfterFailure(),
  });
  const renew = renewing(keys);

  return async (header, token) => {
    try {
      const key = await keys(header, token);
      renew();
      return key;
    } catch (error) {
      // The list was read, and has no such key.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new StatelessTokenError(
        "ERR_STATELESS_KEYS_UNAVAILABLE",
        `Expected a JSON Web Key Set from ${url.origin}${url.pathname} within ${TIMEOUT_MS} ms.`,
        { cause: error },
      );
    }
  };
}

function renewing(keys: RemoteJWKSet): () => void {
  let renewedAtMs = performance.now();
  return () => {
    if (performance.now() - renewedAtMs < RENEWED_AFTER_MS) return;
    renewedAtMs = performance.now();
    // A failure is told where a call needs the keys.
    keys.reload().catch(() => {});
  };
}

function pausingAfterFailure(): FetchImplementation {
  let pausedUntilMs = 0;
  return async (address, options) => {
    if (performance.now() < pausedUntilMs) throw new Error("the last try failed a moment ago");
    try {
      const answer = await fetch(address, options);
      if (answer.status !== 200) throw new Error(`the status was ${answer.status}`);
      // Read here, so that an answer that hangs half-way is a failure too.
      return new Response(await answer.text());
    } catch (error) {
      pausedUntilMs = performance.now() + PAUSE_MS;
      throw error;
    }
  };
}
