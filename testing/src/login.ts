import type { SessionClient, SessionMetadata, SessionTag } from "@byo-session/core";
import { type TokenOptions, tokenHeaders } from "./token-headers.ts";

export interface TestLogin extends TokenOptions {
  /** Default: `test-user`. */
  userId?: string;
  /** Default: none. */
  tags?: SessionTag[];
  /** Default: none. */
  metadata?: SessionMetadata;
}

export interface TestSession {
  readonly sessionId: string;
  readonly sessionToken: string;
  /** The headers of a request that presents the session. */
  readonly headers: Record<string, string>;
}

/**
 * Creates a session like an app's login, but without an address and a user agent, so that any client may present it.
 */
export async function createLogin(client: Pick<SessionClient, "session">, login: TestLogin): Promise<TestSession> {
  const { userId = "test-user", tags, metadata } = login;
  const created = await client.session.create({
    userId,
    ...(tags && { tags }),
    ...(metadata !== undefined && { metadata: JSON.parse(JSON.stringify(metadata)) }),
  });
  if (!created.ok) throw new Error(`the sidecar refused the login: ${JSON.stringify(created.error)}`);
  const { sessionId, sessionToken } = created.data;
  return { sessionId, sessionToken, headers: tokenHeaders(sessionToken, login) };
}
