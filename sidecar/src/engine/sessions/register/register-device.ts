import type { CommandError, CommandResponse, RegisterDeviceData } from "@byo-session/core/contract";
import { meetDevice } from "../../devices/remembered.ts";
import { type GoodProof, newDeviceCookie } from "../../devices/service.ts";
import type { WithClientAddress } from "../../policy/client-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Answer, Contended, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { isLiving } from "../living/living.ts";
import { lockUser } from "../locks/store.ts";
import { readSession } from "../read/store.ts";
import type { SessionRow } from "../session.ts";
import { standingOf } from "../standing.ts";
import { isSessionId, parseSessionToken, type SessionToken } from "../token/session-token.ts";
import { decide } from "../validate/decide.ts";
import { bindDevice } from "./store.ts";

type Registered = Answer<CommandResponse["RegisterDevice"]>;

export type RegisterDevice = (data: WithClientAddress<RegisterDeviceData>, actor: string) => Promise<Registered>;

interface Found {
  row: SessionRow;
  policy: Policy;
  /** Why a genuine token must not bind a device. */
  problem?: string;
}

const ATTEMPTS = 8;
const INVALID: CommandError = { type: "InvalidDeviceRegistration" };

/** Binds a session to a device's key: once, and only for the holder of its current token. */
export function createRegistration(deps: SessionDependencies): RegisterDevice {
  const { db, audit, envelope, policies, activity, devices, fairShare } = deps;

  return async (data, actor) => {
    const token = data.sessionToken === undefined ? undefined : parseSessionToken(data.sessionToken);
    if ((data.sessionToken === undefined) === (data.sessionId === undefined)) {
      return fail({ type: "UnexpectedError", details: "data: expected either sessionToken or sessionId" }, 400);
    }
    if (data.isIpMalformed) {
      return fail({ type: "UnexpectedError", details: "ipAddress: expected an IP address" }, 400);
    }
    const sessionId = token?.id ?? data.sessionId ?? "";
    if (!isSessionId(sessionId)) return fail({ type: "SessionNotFound" });
    return fairShare(sessionId, () => register(sessionId, token, data, actor));
  };

  async function register(
    sessionId: string,
    token: SessionToken | undefined,
    data: RegisterDeviceData,
    actor: string,
  ): Promise<Registered> {
    for (let tries = 0; tries < ATTEMPTS; tries++) {
      const found = token ? await byToken(token, data) : await byId(sessionId);
      if (!found) return fail({ type: "SessionNotFound" });
      const { row, problem } = found;
      if (problem !== undefined) return refuse(row, data, actor, { type: "SessionNotFound" }, problem);
      if (row.deviceThumbprint !== null) return refuse(row, data, actor, { type: "DeviceAlreadyRegistered" });
      try {
        return await prove(found, data, actor);
      } catch (error) {
        if (error instanceof ProofReplayed) return refuse(row, data, actor, INVALID, "replayed");
        // Nothing was changed: read the session again.
        if (!(error instanceof Contended)) throw error;
      }
    }
    throw new Contended("the session kept changing");
  }

  /**
   * Runs the whole validation first, so that an old token binds nothing. The successor counts, and stays unconfirmed.
   */
  async function byToken(token: SessionToken, data: RegisterDeviceData): Promise<Found | undefined> {
    const found = await read(token.id);
    if (!found) return undefined;
    const { row, policy } = found;
    const { ipAddress, userAgent } = data;
    const presented = { ipAddress, isIpMalformed: false, userAgent, requiredTags: [], refresh: false };
    // A policy that requires a device must not prevent registering one.
    const standing = standingOf(row, { ...policy, require_device: "none" }, token, envelope);
    const decision = decide({ ...standing, presented, device: { kind: "unbound" } });
    if (decision.kind === "refuse" && decision.unknown) return undefined;
    if (decision.kind !== "accept") return { ...found, problem: decision.reason };
    if (decision.position === "previous") return { ...found, problem: "old token" };
    // Only a validation adopts a token that the database has lost.
    return decision.position === "ahead" ? { ...found, problem: "newer token" } : found;
  }

  async function byId(sessionId: string): Promise<Found | undefined> {
    const found = await read(sessionId);
    return found && isLiving(found.row, found.policy) ? found : undefined;
  }

  async function read(sessionId: string): Promise<Found | undefined> {
    const row = await readSession(db, activity, sessionId);
    return row && { row, policy: policies.current().policyFor(row.tags) };
  }

  async function prove({ row, policy }: Found, data: RegisterDeviceData, actor: string): Promise<Registered> {
    // Binding is an authentication: long after the login, a cookie thief could bind their own key.
    const isLate = row.now > row.createdAt + policy.device_registration_window_secs * 1000;
    if (isLate) return refuse(row, data, actor, INVALID, "registration window over");
    const client = { ip: data.ipAddress, userAgent: data.userAgent };
    const result = await devices.verify(data, { purpose: "register", client, nowMs: row.now });
    if (result.kind === "good") return bind({ row, policy }, result, data, actor);
    const { problem } = result;
    if (result.kind === "bad") return refuse(row, data, actor, INVALID, problem);
    return refuse(row, data, actor, { type: "NewDeviceChallengeRequired", details: result.challenge }, problem);
  }

  async function bind(
    { row, policy }: Found,
    proof: GoodProof,
    data: RegisterDeviceData,
    actor: string,
  ): Promise<Registered> {
    const { userAgent, rememberDevice: remember = false } = data;
    const { thumbprint } = proof;
    const subject = { sessionId: row.id, thumbprint };
    const cookie = await newDeviceCookie(devices, data.deviceCookie, subject, policy.device_cookie_secs, row.now);
    return audit.transaction(async (tx, record) => {
      // Before the session's row, in the same order as a login: otherwise two of them could remember one device too
      // many.
      if (remember) await lockUser(tx, row.userId);
      if (!(await bindDevice(tx, row, thumbprint))) throw new Contended("the session changed");
      if (!(await devices.use(tx, proof))) throw new ProofReplayed();
      const met = await meetDevice(tx, record, { userId: row.userId, thumbprint, userAgent, remember }, policy);
      const details = { ...met, remembered: remember, deviceId: thumbprint };
      record({ event: "DeviceRegistered", ...eventFields(row, data, actor), details });
      return succeed({ ...met, ...cookie });
    });
  }

  function refuse(row: SessionRow, data: RegisterDeviceData, actor: string, error: CommandError, problem?: string) {
    const details = problem === undefined ? {} : { details: { problem } };
    const fields = { ...eventFields(row, data, actor), reason: error.type, ...details };
    audit.refused({ event: "DeviceRegistrationRefused", ...fields }, row.now);
    return fail(error);
  }
}

/** Thrown, so that the transaction undoes the binding. */
class ProofReplayed extends Error {}

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
