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

/** What a proof is used for: the same `jti` may serve once for each. */
export type ProofPurpose = "validate" | "register";

/** A good proof, still to be used up. */
export interface GoodProof {
  kind: "good";
  thumbprint: string;
  /** Undefined for a proof that is bound to no request: it may serve as long as its challenge lives. */
  once: { hash: Buffer; keptUntilSecs: number } | undefined;
}

export type ProofResult =
  | GoodProof
  /** A proof of the right key over a challenge that has expired or was made for another client; with a new one. */
  | { kind: "stale"; problem: "expired" | "other-client"; challenge: DeviceChallenge }
  | { kind: "bad"; problem: string };

export interface DeviceService {
  /** A challenge for a client; `nowMs` is the database's time where the caller knows it. */
  challenge(client: ChallengeClient, nowMs?: number): Promise<DeviceChallenge>;
  /** Judges a proof. Nothing is used up yet. */
  verify(proof: SignedDeviceChallenge, expected: ProofContext): Promise<ProofResult>;
  /** Uses a proof up within a transaction; false when another call has done so. */
  use(tx: Queryable, proof: GoodProof): Promise<boolean>;
  /** The same by itself, in one statement with others of the moment. `attemptId`: a repeated call may use it again. */
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
  /** Told how many proofs were used up in one statement. */
  onBatch: (size: number) => void;
}

/** A command that read the time just before the end of the challenge may still be under way after it. */
const KEPT_LONGER_SECS = 60;
/** Statements that use proofs up, under way at once. */
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

  /** The client as far as challenges are tied to it. */
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

/** A new device cookie as the contract tells it; undefined where the caller did not ask for one. */
export async function newDeviceCookie(
  devices: DeviceService,
  asked: string | undefined,
  subject: CookieSubject,
  lifetimeSecs: number,
  nowMs?: number,
): Promise<{ newDeviceCookie?: NewDeviceCookie }> {
  if (asked === undefined) return {};
  const cookies = await devices.cookies(nowMs);
  // Past half of its life: so a browser in use always holds a good one, and most answers set none.
  if (cookies.secondsLeft(asked, subject, lifetimeSecs) * 2 > lifetimeSecs) return {};
  return { newDeviceCookie: { value: cookies.issue(subject, lifetimeSecs), lifetimeSecs } };
}

/** Both parts before the `jti` are of fixed form, so no two different uses have one hash. */
function hashOf(purpose: ProofPurpose, thumbprint: string, jti: string): Buffer {
  return hash("sha256", `${purpose} ${thumbprint} ${jti}`, "buffer");
}
