import { randomUUID } from "node:crypto";
import type { CreateSessionData, RefreshedSession, ValidateSessionData } from "@byo-session/core/contract";
import type { CommandAnswer } from "../harness/sidecar-client.ts";
import type { TestSidecar } from "../harness/test-sidecar.ts";

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
