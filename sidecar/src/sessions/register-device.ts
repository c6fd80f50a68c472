import type { CommandResponse, RegisterDeviceData } from "@byo-session/core/contract";
import { meetDevice } from "../devices/remembered.ts";
import type { GoodProof } from "../devices/service.ts";
import { canonicalIp } from "../policy/ip-address.ts";
import type { Policy } from "../policy/policy.ts";
import { decide } from "./decide.ts";
import { type Answer, Contended, fail, type SessionDependencies, saltPurpose, succeed } from "./dependencies.ts";
import { isLiving } from "./living.ts";
import type { SessionRow } from "./session.ts";
import { isSessionId, parseSessionToken, type SessionToken } from "./session-token.ts";
import { createSessionStore } from "./store.ts";

export type RegisterDevices = (
  data: RegisterDeviceData,
  actor: string,
) => Promise<Answer<CommandResponse["RegisterDevice"]>>;

type Found = { row: SessionRow; policy: Policy };

const ATTEMPTS = 8;

/** Binds a session to a device's key: once, and only for who holds its token now. */
export function createRegistration(deps: SessionDependencies): RegisterDevices {
  const { db, audit, envelope, policies, activity, devices } = deps;
  const store = createSessionStore(db);

  return async (data, actor) => {
    const token = data.sessionToken === undefined ? undefined : parseSessionToken(data.sessionToken);
    if ((data.sessionToken === undefined) === (data.sessionId === undefined)) {
      return fail({ type: "UnexpectedError", details: "data: expected either sessionToken or sessionId" }, 400);
    }
    const ipAddress = data.ipAddress === undefined ? undefined : canonicalIp(data.ipAddress);
    if (data.ipAddress !== undefined && ipAddress === undefined) {
      return fail({ type: "UnexpectedError", details: "ipAddress: expected an IP address" }, 400);
    }
    const request = { ...data, ipAddress };
    for (let tries = 0; tries < ATTEMPTS; tries++) {
      const found = token ? await byToken(token, request) : await byId(data.sessionId ?? "");
      if (!found) return fail({ type: "SessionNotFound" });
      if (found.row.deviceThumbprint !== null) return fail({ type: "DeviceAlreadyRegistered" });
      try {
        return await register(found, request, actor);
      } catch (error) {
        // Nothing was changed, the use of the proof neither: look at the session again.
        if (!(error instanceof Contended)) throw error;
      }
    }
    throw new Contended("the session kept changing");
  };

  /** The whole validation first, so that an old token binds nothing. The successor counts, and stays unconfirmed. */
  async function byToken(token: SessionToken, data: RegisterDeviceData): Promise<Found | undefined> {
    const found = await read(token.id);
    if (!found) return undefined;
    const { row, policy } = found;
    const { ipAddress, userAgent } = data;
    // The rule that a session needs a device must not stand in the way of giving it one.
    const presented = {
      token,
      ipAddress,
      userAgent,
      requiredTags: [],
      refresh: false,
      device: { kind: "unbound" },
    } as const;
    const verdict = decide(row, { ...policy, requireDevice: "none" }, presented, () =>
      envelope.open(saltPurpose(row.id), row.salt),
    );
    if (verdict.kind !== "accept") return undefined;
    return verdict.position === "current" || verdict.position === "successor" ? found : undefined;
  }

  async function byId(sessionId: string): Promise<Found | undefined> {
    const found = isSessionId(sessionId) ? await read(sessionId) : undefined;
    return found && isLiving(found.row, found.policy) ? found : undefined;
  }

  async function read(sessionId: string): Promise<Found | undefined> {
    const row = await store.read(sessionId);
    if (!row) return undefined;
    row.lastActivityAt = Math.max(row.lastActivityAt, activity.latest(row.id) ?? 0);
    return { row, policy: policies.current().policyFor(row.tags) };
  }

  async function register({ row, policy }: Found, data: RegisterDeviceData, actor: string) {
    const windowSecs = policy.deviceRegistrationWindowSecs;
    const isLate = windowSecs !== undefined && row.now > row.createdAt + windowSecs * 1000;
    if (isLate) return refuse(row, data, actor, "registration window over");
    const client = { ip: data.ipAddress, userAgent: data.userAgent };
    const verdict = await devices.verify(data, { purpose: "register", client, nowMs: row.now });
    if (verdict.kind === "stale") return fail({ type: "NewDeviceChallengeRequired", details: verdict.challenge });
    if (verdict.kind === "bad") return refuse(row, data, actor, verdict.problem);
    return bind(row, verdict, data, actor);
  }

  async function bind(
    row: SessionRow,
    proof: GoodProof,
    data: RegisterDeviceData,
    actor: string,
  ): Promise<Answer<CommandResponse["RegisterDevice"]>> {
    return audit.transaction<Answer<CommandResponse["RegisterDevice"]>>(async (tx, record) => {
      if (!(await devices.use(tx, proof))) return refuse(row, data, actor, "replayed");
      if (!(await createSessionStore(tx).bind(row, proof.thumbprint))) throw new Contended("the session changed");
      const { userAgent, rememberDevice: remember = false } = data;
      const met = await meetDevice(tx, { userId: row.userId, thumbprint: proof.thumbprint, userAgent, remember });
      record({
        event: "DeviceRegistered",
        ...eventFields(row, data, actor),
        details: { ...met, remembered: remember },
      });
      return succeed(met);
    });
  }

  function refuse(row: SessionRow, data: RegisterDeviceData, actor: string, problem: string) {
    const reason = "InvalidDeviceRegistration";
    const fields = { ...eventFields(row, data, actor), reason, details: { problem } };
    audit.refused({ event: "DeviceRegistrationRefused", ...fields }, row.now);
    return fail({ type: reason });
  }
}

function eventFields(row: SessionRow, { ipAddress, userAgent }: RegisterDeviceData, actor: string) {
  return {
    sessionId: row.id,
    userId: row.userId,
    tags: row.tags,
    ...(ipAddress !== undefined && { ipAddress }),
    ...(userAgent !== undefined && { userAgent }),
    actor,
  };
}
