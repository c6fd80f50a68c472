import { hash } from "node:crypto";
import type { DeviceChallenge, NewDeviceCookie, SignedDeviceChallenge } from "@byo-session/core/contract";
import { createBatch } from "../db/batch.ts";
import type { Database, Queryable } from "../db/database.ts";
import type { Envelope } from "../keys/envelope.ts";
import { ipPrefix } from "../policy/ip-address.ts";
import type { PolicyBook } from "../policy/policy.ts";
import { type ChallengeClient, type Challenges, challengeEnd, createChallenges } from "./challenge.ts";
import { createChallengeKeys } from "./challenge-keys.ts";
import { type CookieSubject, createDeviceCookies, type DeviceCookies } from "./device-cookie.ts";
import { verifySignedChallenge } from "./proof.ts";
import { type ProofUse, useProofs } from "./proof-store.ts";
import { createDeviceStore } from "./store.ts";

/** What a proof is used for: each `jti` works once per purpose. */
export type ProofPurpose = "validate" | "register";

/** A valid proof that has not been used up yet. */
export interface GoodProof {
  kind: "good";
  thumbprint: string;
  /** Undefined for a proof that is not bound to a request: it is valid as long as its challenge. */
  once: { hash: Buffer; keptUntilSecs: number } | undefined;
}

export type ProofResult =
  | GoodProof
  /** Signed by the right key, but the challenge expired or was for another client; with a new challenge. */
  | { kind: "stale"; problem: "expired" | "other-client"; challenge: DeviceChallenge }
  | { kind: "bad"; problem: string };

export interface DeviceService {
  /** A challenge for a client; `nowMs` is the database's time where the caller knows it. */
  challenge(client: ChallengeClient, nowMs?: number): Promise<DeviceChallenge>;
  /** Checks a proof without using it up. */
  verify(proof: SignedDeviceChallenge, expected: ProofContext): Promise<ProofResult>;
  /** Uses up a proof within a transaction; false if another call has used it. */
  use(tx: Queryable, proof: GoodProof): Promise<boolean>;
  /** Uses up a proof outside a transaction, batched with others. `attemptId`: a repeated call may use it again. */
  useAlone(proof: GoodProof, attemptId: string | undefined): Promise<boolean>;
  /** Device cookies as of now; `nowMs` is the database's time where the caller knows it. */
  cookies(nowMs?: number): Promise<DeviceCookies>;
}

export interface ProofContext {
  purpose: ProofPurpose;
  client: ChallengeClient;
  /** The thumbprint that the session is bound to. */
  thumbprint?: string;
  nowMs?: number;
}

export interface DeviceDependencies {
  db: Database;
  envelope: Envelope;
  policies: { current(): PolicyBook };
  randomBytes: (size: number) => Buffer;
  /** Reports how many proofs shared a statement. */
  onBatch: (size: number) => void;
}

/** A command that read the time just before the challenge expired may still be running after it. */
const KEPT_LONGER_SECS = 60;
/** One statement at a time: its round trip and its commit cost more than ten rows. A second one passes one that is stuck. */
const ALONE_FOR_MS = 50;
const MAX_RUNNING = 2;
const MAX_BATCH = 500;

export function createDeviceService(deps: DeviceDependencies): DeviceService {
  const { db, envelope, policies, randomBytes, onBatch } = deps;
  const store = createDeviceStore(db);
  const keys = createChallengeKeys({ db, envelope, randomBytes });
  const useWithOthers = createBatch<ProofUse, boolean>({
    run(uses) {
      onBatch(uses.length);
      return useProofs(db, uses);
    },
    maxRunning: MAX_RUNNING,
    aloneForMs: ALONE_FOR_MS,
    maxItems: MAX_BATCH,
  });

  async function secondsAt(nowMs: number | undefined): Promise<number> {
    return Math.floor((nowMs ?? (await store.now())) / 1000);
  }

  async function challengesAt(nowMs: number | undefined): Promise<Challenges> {
    const now = await secondsAt(nowMs);
    const current = await keys();
    return createChallenges({
      keys: () => current,
      lifetimeSecs: () => policies.current().device_challenge_lifetime_secs,
      nowSecs: () => now,
      randomBytes,
    });
  }

  /** The parts of the client that challenges are bound to. */
  function boundParts({ ip, userAgent }: ChallengeClient): ChallengeClient {
    const binding = policies.current().challenge_ip_binding;
    if (ip === undefined || binding === "exact") return { ip, userAgent };
    return { ip: binding === "prefix" ? ipPrefix(ip) : undefined, userAgent };
  }

  return {
    challenge: async (client, nowMs) => (await challengesAt(nowMs)).issue(boundParts(client)),

    async verify(proof, { purpose, client, thumbprint, nowMs }) {
      const { requestUrl, requestMethod } = proof;
      const check = await verifySignedChallenge(proof.signedDeviceChallenge, {
        expectedThumbprint: thumbprint,
        requestUrl,
        requestMethod,
      });
      if (!check.ok) return { kind: "bad", problem: check.problem };
      const challenges = await challengesAt(nowMs);
      const seen = boundParts(client);
      const state = challenges.check(check.nonce, seen);
      if (state === "forged") return { kind: "bad", problem: "challenge" };
      if (state !== "ok") return { kind: "stale", problem: state, challenge: challenges.issue(seen) };
      const { thumbprint: provedKey, jti, nonce } = check;
      const isBound = requestUrl !== undefined && requestMethod !== undefined;
      const keptUntilSecs = challengeEnd(nonce) + KEPT_LONGER_SECS;
      const once = isBound ? { hash: hashOf(purpose, provedKey, jti), keptUntilSecs } : undefined;
      return { kind: "good", thumbprint: provedKey, once };
    },

    async use(tx, { once }) {
      const [isOurs] = once === undefined ? [true] : await useProofs(tx, [{ ...once, attemptId: undefined }]);
      return isOurs === true;
    },

    useAlone: async ({ once }, attemptId) => once === undefined || useWithOthers({ ...once, attemptId }),

    cookies: async (nowMs) => createDeviceCookies({ keys: await keys(), nowSecs: await secondsAt(nowMs) }),
  };
}

/** A new device cookie for the answer; nothing if the caller did not ask, or still has a fresh one. */
export async function newDeviceCookie(
  devices: DeviceService,
  asked: string | undefined,
  subject: CookieSubject,
  lifetimeSecs: number,
  nowMs?: number,
): Promise<{ newDeviceCookie?: NewDeviceCookie }> {
  if (asked === undefined) return {};
  const cookies = await devices.cookies(nowMs);
  // Renewed after half its life: an active browser always has a valid one, and most answers set no cookie.
  if (cookies.secondsLeft(asked, subject, lifetimeSecs) * 2 > lifetimeSecs) return {};
  return { newDeviceCookie: { value: cookies.issue(subject, lifetimeSecs), lifetimeSecs } };
}

/** The parts before the `jti` have a fixed form, so different uses cannot share a hash. */
function hashOf(purpose: ProofPurpose, thumbprint: string, jti: string): Buffer {
  return hash("sha256", `${purpose} ${thumbprint} ${jti}`, "buffer");
}
