import type { CommandData, CommandResponse, JsonValue } from "@byo-session/core/contract";
import type { HeldSession } from "./fake-sessions.ts";

type Created = CommandResponse["CreateImpersonationSession"];
type Validated = CommandResponse["ValidateImpersonationSession"];

/** The impersonations of a fake sidecar. Everyone may impersonate: who may is the configuration of the real one. */
export interface FakeImpersonations {
  create(data: CommandData["CreateImpersonationSession"]): Created;
  /** Of an employee's session; returns its token. */
  of(
    employee: HeldSession,
    employeeEmail: string,
    shown: { userId: string; tags: readonly string[]; metadata: JsonValue | undefined },
  ): string;
  byToken(token: string): Validated | undefined;
  /** False if no living impersonation has this token. */
  end(token: string): boolean;
}

/** The sidecar's own default. */
const DURATION_SECS = 3600;

export function createFakeImpersonations(nowSecs: () => number): FakeImpersonations {
  const held = new Map<string, Validated>();

  function create({
    employeeEmail,
    targetUserId,
    metadata = null,
  }: CommandData["CreateImpersonationSession"]): Created {
    const impersonationSessionId = crypto.randomUUID();
    const impersonationSessionToken = `fake_impersonation_${crypto.randomUUID()}`;
    const [createdAt, expiresAt] = [nowSecs(), nowSecs() + DURATION_SECS];
    const found = { impersonationSessionId, employeeEmail, targetUserId, createdAt, expiresAt, metadata };
    held.set(impersonationSessionToken, found);
    return { sessionId: impersonationSessionId, impersonationSessionToken, expiresAt };
  }

  return {
    create,
    of({ userId, sessionId }, employeeEmail, { userId: targetUserId, tags, metadata }) {
      // As the middleware stores it.
      const stored = { employee: { userId, sessionId }, tags: [...tags], ...(metadata !== undefined && { metadata }) };
      const data = { employeeEmail, targetUserId, userAgent: "", ipAddress: "", metadata: stored };
      return create(data).impersonationSessionToken;
    },
    byToken(token) {
      const found = held.get(token);
      return found && nowSecs() < found.expiresAt ? found : undefined;
    },
    end: (token) => held.delete(token),
  };
}
