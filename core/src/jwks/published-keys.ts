import { createRemoteJWKSet, customFetch, errors, type FetchImplementation, type JWTVerifyGetKey } from "jose";
import { ConfigurationError } from "../errors.ts";
import { chunksOf, readText } from "../request/request-body.ts";
import { KeysUnavailable } from "./keys-unavailable.ts";

/** A fetched list of keys is used for at most this long. */
const KEPT_FOR_MS = 300_000;
/** After this time the list is fetched again in the background, so that an outage of two minutes goes unnoticed. */
const RENEWED_AFTER_MS = KEPT_FOR_MS / 2;
const TIMEOUT_MS = 2000;
const LIMITS = { maxBytes: 1024 * 1024, timeoutMs: TIMEOUT_MS };
/** After a fetch or a failure, unknown key ids cause no further fetch for this long. */
const PAUSE_MS = 1000;

/** The keys at an address. */
export interface PublishedKeys {
  readonly get: JWTVerifyGetKey;
  /**
   * Makes sure that the list was fetched after this time, by `performance.now()`. False: it was not, because the last
   * fetch was a moment ago or because it failed.
   */
  renewSince(ms: number): Promise<boolean>;
}

const sources = new Map<string, PublishedKeys>();

/**
 * The keys at an address, shared by all calls in this process.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` when the address cannot be used.
 */
export function publishedKeys(jwksUrl: string | URL): PublishedKeys {
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

function keysAt(url: URL): PublishedKeys {
  const fetchKeys = pausingAfterFailure();
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: PAUSE_MS,
    cacheMaxAge: KEPT_FOR_MS,
    [customFetch](address, options) {
      fetchedAtMs = performance.now();
      return fetchKeys(address, options);
    },
  });
  const renew = () =>
    keys.reload().then(
      () => true,
      () => false,
    );

  return {
    async get(header, token) {
      try {
        const key = await keys(header, token);
        // If the keys run out, the call that needs them fails.
        if (performance.now() - fetchedAtMs > RENEWED_AFTER_MS) void renew();
        return key;
      } catch (error) {
        // The list was fetched and does not contain the key.
        if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
        const message = `Expected a JSON Web Key Set from ${url.origin}${url.pathname} within ${TIMEOUT_MS} ms.`;
        throw new KeysUnavailable(message, { cause: error });
      }
    },
    async renewSince(ms) {
      if (fetchedAtMs > ms) return keys.reloading ? renew() : keys.fresh;
      return keys.coolingDown ? false : renew();
    },
  };
}

function pausingAfterFailure(): FetchImplementation {
  let pausedUntilMs = 0;
  return async (address, options) => {
    if (performance.now() < pausedUntilMs) throw new Error("the last fetch failed a moment ago");
    try {
      const answer = await fetch(address, options);
      if (answer.status !== 200) throw new Error(`the status was ${answer.status}`);
      // Read here, so that a body that hangs counts as a failure too.
      const text = await readText(chunksOf(answer.body), LIMITS);
      if (text === undefined) throw new Error(`the body was longer than ${LIMITS.maxBytes} bytes, or broke off`);
      return new Response(text);
    } catch (error) {
      pausedUntilMs = performance.now() + PAUSE_MS;
      throw error;
    }
  };
}
