import { randomUUID } from "node:crypto";
import type { CreateSessionData, RefreshedSession, ValidateSessionData } from "@byo-session/core/contract";
import type { CommandAnswer } from "../../harness/sidecar-client.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";

/** How long a token lives where no policy says otherwise. */
const DEFAULT_INTERVAL_SECS = 3600;

/** The address and the user agent that an application passes on. */
export type Client = Pick<ValidateSessionData, "ipAddress" | "userAgent">;

export interface Login {
  readonly sessionId: string;
  readonly userId: string;
  /** The first token. */
  readonly token: string;
  readonly expiresAt: number;
}

/** Logs a new user in. */
export async function logIn(sidecar: TestSidecar, data: Partial<CreateSessionData> = {}): Promise<Login> {
  const userId = data.userId ?? randomUUID();
  const { sessionId, sessionToken, expiresAt } = await sidecar.run("CreateSession", { ...data, userId });
  return { sessionId, userId, token: sessionToken, expiresAt };
}

/** Refreshes, which must succeed. */
export function refresh(sidecar: TestSidecar, token: string, client: Client = {}): Promise<RefreshedSession> {
  return sidecar.run("ValidateAndRefreshSession", { sessionToken: token, ...client });
}

/** Refreshes, which must give a successor. */
export async function successorOf(sidecar: TestSidecar, token: string, client: Client = {}): Promise<string> {
  const { newSessionToken } = await refresh(sidecar, token, client);
  if (newSessionToken === undefined) throw new Error("Expected a successor, but the token does not rotate.");
  return newSessionToken;
}

export function validate(
  sidecar: TestSidecar,
  token: string,
  data: Omit<ValidateSessionData, "sessionToken"> = {},
): Promise<CommandAnswer> {
  return sidecar.command("ValidateSession", { sessionToken: token, ...data });
}

/** The answer to a token whose session is over, or that was never issued. */
export function invalid(word: string): CommandAnswer {
  return { status: 401, body: { type: "InvalidSessionToken", details: word } };
}

/** Logs in and rotates once: the tokens of generations 1 and 2, the second just confirmed. */
export async function rotatedOnce(
  sidecar: TestSidecar,
  client: Client = {},
): Promise<Login & { first: string; second: string }> {
  const login = await logIn(sidecar, client);
  await sidecar.advance(DEFAULT_INTERVAL_SECS + 1);
  const second = await successorOf(sidecar, login.token, client);
  await refresh(sidecar, second, client);
  return { ...login, first: login.token, second };
}
