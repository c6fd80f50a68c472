import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";
import type { Jwk } from "../contract/index.ts";
import type { ClientAnswer } from "../sidecar/session-client.ts";

/** As long as caches may keep the sidecar's keys. */
const KEPT_FOR_MS = 60_000;
/** After half of that time they are asked for again, so that a known key is never missed. */
const RENEWED_AFTER_MS = KEPT_FOR_MS / 2;
/** However many tokens have an unknown key. */
const PAUSE_MS = 1000;

type GetKeys = () => Promise<ClientAnswer<{ keys: Jwk[] }>>;

/**
 * The keys that the sidecar publishes, by its own connection. A token never waits for them: while they are not known, it
 * is not accepted.
 */
export function keysOfClient(getKeys: GetKeys, nowMs: () => number): JWTVerifyGetKey {
  let known: { find: ReturnType<typeof createLocalJWKSet>; atMs: number } | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<void> {
    const atMs = nowMs();
    const answer = await getKeys();
    if (answer.ok) known = { find: createLocalJWKSet(answer.data), atMs };
  }

  function renew(): void {
    if (nowMs() - askedAtMs < PAUSE_MS) return;
    askedAtMs = nowMs();
    // What is known counts for its time, and then nothing does.
    ask().catch(() => undefined);
  }

  renew();
  return async (header, token) => {
    const ageMs = known ? nowMs() - known.atMs : Number.POSITIVE_INFINITY;
    if (ageMs > RENEWED_AFTER_MS) renew();
    if (!known || ageMs > KEPT_FOR_MS) throw new Error("the keys are not known yet");
    try {
      return await known.find(header, token);
    } catch (error) {
      // It may be newer than what is known.
      renew();
      throw error;
    }
  };
}
