import { z } from "zod";
import { type CompanionCookie, MAX_COOKIE_CHARS } from "../cookies/companion-cookie.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { createElapsedClock } from "../frames/elapsed-clock.ts";
import { describeClient } from "../request/describe-client.ts";
import { isUnsafe, type RequestView } from "../request/request-view.ts";
import { createSession, metadataAsJson, type Session } from "../session.ts";
import type { SidecarClock } from "../sidecar/clock.ts";
import type { StatelessClient } from "../sidecar/session-client.ts";
import type { Examination } from "./engine.ts";
import { COUNTED, type Verdict } from "./verdict.ts";

type Authenticated = Extract<Verdict, { kind: "authenticated" }>;

/** Sessions that a signed cookie shows for a while, without a question to the sidecar: docs/stateless-tokens.md. */
export interface StatelessSessions {
  readonly cookie: CompanionCookie;
  /** Asks if the cookie does not show the session; `give` gets the cookie for the requests that follow. */
  examine(
    examination: Examination,
    ask: () => Promise<Verdict>,
    give: (token: string, lifetimeSecs: number) => void,
  ): Promise<Verdict>;
}

export interface StatelessSettings {
  readonly client: StatelessClient;
  readonly cookie: CompanionCookie;
  /** Tells the tokens of these sessions from others that the application lets the sidecar sign. */
  readonly audience: string;
  readonly maxAgeSecs: number;
  readonly clock: SidecarClock;
  readonly log: (line: string) => void;
}

const TOLERANCE_SECS = 1;
const ISSUER = "byo-session";
/** Signed and encoded, it must fit into a cookie. */
const MAX_SESSION_BYTES = 2000;
/** As with held answers, a session that is used may become inactive by a tenth of its timeout early. */
const INACTIVITY_PARTS = 10;
/** What the cookie's name has in addition to the audience. */
const NAME_CHARS = 16;
/** A sidecar that signs nothing is not asked at each request. */
const PAUSE_MS = 10_000;

const claimsSchema = z.object({
  /** Of what the sidecar has accepted: the session's token, the address, the user agent. */
  of: z.string(),
  session: z.object({
    createdAt: z.number(),
    expiresAt: z.number(),
    idleExpiresAt: z.number().optional(),
    tags: z.array(z.string()),
    metadata: z.json().optional(),
  }),
});

type SignedSession = z.infer<typeof claimsSchema>["session"];

export function createStatelessSessions(settings: StatelessSettings): StatelessSessions {
  const { client, cookie, audience, maxAgeSecs, clock, log } = settings;
  let pausedUntilMs = 0;
  let hasTold = false;
  let verifying: ReturnType<typeof startVerifying> | undefined;

  function pause(why: string): undefined {
    pausedUntilMs = performance.now() + PAUSE_MS;
    if (!hasTold) log(`byo-session: no stateless tokens, so every request asks the sidecar: ${why}`);
    hasTold = true;
    return undefined;
  }

  async function sessionOf(token: string, of: string) {
    verifying ??= startVerifying(client);
    const [{ verifyBy, keys }, nowSecs] = await Promise.all([verifying, clock()]);
    // By the clock that has dated the token; this machine's may be wrong.
    if (nowSecs === undefined) return undefined;
    const currentDate = new Date(nowSecs * 1000);
    const verified = await verifyBy(keys, token, {
      issuer: ISSUER,
      audience,
      currentDate,
      clockTolerance: TOLERANCE_SECS,
    });
    const { userId, sessionId, issuedAt = 0 } = verified;
    const { of: boundTo, session } = claimsSchema.parse(verified.claims);
    // The clock counts whole seconds, so a token may seem to be one second young.
    const isFresh = nowSecs >= issuedAt - TOLERANCE_SECS && nowSecs < endOf(session, issuedAt);
    if (!isFresh || boundTo !== of || sessionId === undefined) return undefined;
    const { metadata, idleExpiresAt, ...facts } = session;
    const idle = idleExpiresAt === undefined ? {} : { idleExpiresAt };
    const found = { ...facts, ...idle, ...(metadata !== undefined && { metadata }), userId, sessionId };
    return createSession({ ...found, hasDeviceRegistered: false }, "none");
  }

  /** What a token serves is not noted as a use, so it does not serve for long where that counts. */
  function endOf({ expiresAt, idleExpiresAt = Number.POSITIVE_INFINITY }: SignedSession, issuedAt: number): number {
    return Math.min(expiresAt, issuedAt + Math.min(maxAgeSecs, (idleExpiresAt - issuedAt) / INACTIVITY_PARTS));
  }

  async function find(presented: PresentedToken, view: RequestView): Promise<Session | undefined> {
    const [token, ...more] = cookie.read(view);
    if (token === undefined || more.length > 0) return undefined;
    try {
      return await sessionOf(token, await fingerprint(presented, view));
    } catch {
      // Forged, foreign, too old, or the keys are not known: whatever it is, the sidecar knows more.
      return undefined;
    }
  }

  /** After an answer of the sidecar. Undefined: the next requests ask again. */
  async function tokenFor({ session, presented }: Authenticated, view: RequestView): Promise<string | undefined> {
    const { userId, sessionId, createdAt, expiresAt, idleExpiresAt, tags } = session;
    const metadata = metadataAsJson(session.metadata);
    const claims = {
      createdAt,
      expiresAt,
      idleExpiresAt,
      tags: [...tags],
      ...(metadata !== undefined && { metadata }),
    };
    if (new TextEncoder().encode(JSON.stringify(claims)).length > MAX_SESSION_BYTES) return undefined;
    const answer = await client.session.createStatelessToken({
      ...{ userId, sessionId, issuer: ISSUER, audience, lifetimeSecs: maxAgeSecs },
      customClaims: { of: await fingerprint(presented, view), session: claims },
    });
    // What the next request needs is on its way.
    verifying ??= startVerifying(client);
    verifying.catch(() => undefined);
    void clock();
    if (!answer.ok) return pause(String(answer.error.details ?? answer.error.type));
    const { statelessToken } = answer.data;
    return statelessToken.length + audience.length < MAX_COOKIE_CHARS - NAME_CHARS ? statelessToken : undefined;
  }

  return {
    cookie,
    async examine(examination, ask, give) {
      const [presented] = examination.tokens;
      if (!presented || !isPlain(examination)) return ask();
      const { view, mayRotate } = examination;
      const session = await find(presented, view);
      if (session) return { kind: "authenticated", session, presented, activity: COUNTED };
      const verdict = await ask();
      if (verdict.kind !== "authenticated" || !mayRotate || performance.now() < pausedUntilMs) return verdict;
      // A successor may not arrive; and a device shows itself in each request.
      if (verdict.successor || verdict.session.hasDeviceRegistered) return verdict;
      // It must not stand in for requests that count: the session would become inactive while it is used.
      if (verdict.activity?.isCounted === false) return verdict;
      const token = await tokenFor(verdict, view);
      if (token !== undefined) give(token, maxAgeSecs);
      return verdict;
    },
  };
}

/**
 * One session's token, without any evidence of a device, in a request that changes nothing: what is read may be as old
 * as the option says, what is changed may not.
 */
function isPlain({ tokens, proof, deviceCookie, view }: Examination): boolean {
  return tokens.length === 1 && proof.kind === "none" && deviceCookie === undefined && !isUnsafe(view);
}

/** What differs in any of these from what the sidecar has accepted is a question for the sidecar. */
async function fingerprint({ token }: PresentedToken, view: RequestView): Promise<string> {
  const { ipAddress = null, userAgent = null } = describeClient(view);
  const bytes = new TextEncoder().encode(JSON.stringify([token, ipAddress, userAgent]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Loaded when the option is used: it needs jose. */
async function startVerifying({ session }: StatelessClient) {
  const [{ verifyBy }, { keysOfClient }] = await Promise.all([
    import("../stateless/verify.ts"),
    import("../stateless/keys-of-client.ts"),
  ]);
  return {
    verifyBy,
    keys: keysOfClient(() => session.getJwks({}), createElapsedClock()),
  };
}
