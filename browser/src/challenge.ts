import { DeviceError } from "./error.ts";

/** What the server wants signed, so that a proof is fresh regardless of this device's clock. */
export interface DeviceChallenge {
  deviceChallenge: string;
  /** On the wire these are Unix seconds: `new Date(expiresAt * 1000)`. */
  expiresAt: Date;
}

export interface ChallengeHolder {
  /** A challenge to sign. Waits only if there is no challenge that may still be valid. */
  current(): Promise<string>;
  /** Fetches a challenge if the next request would have to wait for one, or soon will. */
  prepare(): void;
  /** Signs this one from now on. */
  adopt(challenge: DeviceChallenge): string;
  /** A challenge to sign instead of one that the server did not accept. */
  replace(refused: string): Promise<string>;
}

/** No server issues challenges with a longer lifetime: beyond it, this device's clock is wrong. */
const MAX_LIFE_MS = 3_600_000;
/** Used when the clock does not help. Too short costs an extra fetch, too long costs one retried request. */
const ASSUMED_LIFE_MS = 60_000;
const FAILURE_PAUSE_MS = 10_000;

/**
 * Keeps one challenge for all requests and replaces it at half its lifetime: alongside a request, or by `prepare`. There
 * is no timer. A page that nobody uses asks for nothing, and an app's own `fetchChallenge` may count as activity.
 */
export function createChallengeHolder(fetchChallenge: () => Promise<DeviceChallenge>): ChallengeHolder {
  let held: { text: string; renewAtMs: number; endsAtMs: number } | undefined;
  let fetching: Promise<string> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;

  function adopt({ deviceChallenge, expiresAt }: DeviceChallenge): string {
    const nowMs = Date.now();
    const toldMs = expiresAt.getTime() - nowMs;
    const lifeMs = toldMs > 0 && toldMs <= MAX_LIFE_MS ? toldMs : ASSUMED_LIFE_MS;
    held = { text: deviceChallenge, renewAtMs: nowMs + lifeMs / 2, endsAtMs: nowMs + lifeMs };
    return deviceChallenge;
  }

  async function fetchOnce(): Promise<string> {
    fetching ??= fetchChallenge()
      .then(adopt)
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  async function current(): Promise<string> {
    const nowMs = Date.now();
    if (!held || nowMs >= held.endsAtMs) return fetchOnce();
    const { text } = held;
    if (nowMs >= held.renewAtMs) {
      held.renewAtMs = nowMs + FAILURE_PAUSE_MS;
      // A request that needs a challenge sees the failure; this one does not need it.
      fetchOnce().catch(() => undefined);
    }
    return text;
  }

  return {
    adopt,
    current,
    prepare() {
      // After a failure, each click of a user would ask again.
      if (Math.abs(Date.now() - failedAtMs) < FAILURE_PAUSE_MS) return;
      current().catch(() => {
        failedAtMs = Date.now();
      });
    },
    async replace(refused) {
      return held && held.text !== refused ? held.text : fetchOnce();
    },
  };
}

/** Asks the ready-made route, or any other that answers `{deviceChallenge, expiresAt}`. */
export function challengesFrom(url: string, send: typeof fetch): () => Promise<DeviceChallenge> {
  return async () => {
    const response = await send(url, { credentials: "include", cache: "no-store" });
    const challenge = challengeIn(await readJson(response), response);
    if (challenge) return challenge;
    throw new DeviceError(
      "ERR_NO_CHALLENGE",
      `GET ${url} answered ${response.status} without a challenge: expected JSON {deviceChallenge, expiresAt}. ` +
        "Switch the middleware's routes on, or pass routesPrefix or fetchChallenge to initFetchWithDevice().",
    );
  };
}

/** The JSON object in a response; an empty object if there is none. */
export async function readJson(response: Response): Promise<Record<string, unknown>> {
  try {
    return Object(await response.json());
  } catch {
    return {};
  }
}

/**
 * The challenge in a server's response. Its expiry is by the server's clock: the response's Date header converts it to
 * this device's clock, which may be hours off. (Other origins do not expose that header: see `ASSUMED_LIFE_MS`.)
 */
export function challengeIn(json: Record<string, unknown>, { headers }: Response): DeviceChallenge | undefined {
  const { deviceChallenge, expiresAt } = json;
  if (typeof deviceChallenge !== "string" || typeof expiresAt !== "number") return undefined;
  const serverMs = Date.parse(headers.get("date") ?? "");
  const aheadMs = Number.isNaN(serverMs) ? 0 : Date.now() - serverMs;
  return { deviceChallenge, expiresAt: new Date(expiresAt * 1000 + aheadMs) };
}
