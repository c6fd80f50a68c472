import { ConfigurationError } from "../errors.ts";
import type { SessionClient } from "./session-client.ts";

const UNKNOWN_THERE =
  '`device`: "recent" needs a sidecar that supports device cookies, and this one does not: use @byo-session/sidecar, or set ' +
  '`device` to "proof"';

/**
 * Asks the sidecar once whether it supports device cookies. If it does not, every call rejects. If it does not answer,
 * the call resolves, and the next call asks again.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`
 */
export function createDeviceCookieCheck(client: Pick<SessionClient, "ping">): () => Promise<void> {
  let known: Promise<boolean | undefined> | undefined;

  async function ask(): Promise<boolean | undefined> {
    const answer = await client.ping({ extensions: true });
    return answer.ok ? (answer.data.extensions?.includes("device-cookies") ?? false) : undefined;
  }

  return async () => {
    known ??= ask();
    const isKnown = await known;
    if (isKnown === undefined) known = undefined;
    if (isKnown === false) throw new ConfigurationError("ERR_BYO_OPTIONS", `byoSession(): ${UNKNOWN_THERE}`);
  };
}
