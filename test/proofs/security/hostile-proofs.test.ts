import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createDevice, type Device, REQUEST_URL } from "../../../sidecar/test/devices/forge.ts";
import { type Forgers, type HostileProof, hostileProofs } from "../../../sidecar/test/devices/hostile-proofs.ts";
import type { CommandAnswer } from "../../harness/sidecar-client.ts";
import { startTestReplicas, type TestSidecar } from "../../harness/test-sidecar.ts";

const REQUEST = { requestUrl: REQUEST_URL, requestMethod: "POST" } as const;
const AT_ONCE = 8;
const MAX_CHARS = 8192;
/** Problems that are found after the key: where a session is bound, a proof of another key is refused before them. */
const AFTER_THE_KEY = ["signature", "claims", "method", "url"];

let replicas: [TestSidecar, TestSidecar];
let forgers: Forgers;
let table: HostileProof[];
let fetches = 0;
const deadEnd = createServer((_request, response) => {
  fetches++;
  response.end();
});

beforeAll(async () => {
  deadEnd.listen(0, "127.0.0.1");
  await once(deadEnd, "listening");
  replicas = (await startTestReplicas(2)) as [TestSidecar, TestSidecar];
  // Of a living challenge, so that only the part under test is wrong.
  const { deviceChallenge } = await replicas[0].run("CreateDeviceChallenge", {});
  forgers = { es: createDevice("ES256", deviceChallenge), ed: createDevice("Ed25519", deviceChallenge) };
  const { port } = deadEnd.address() as AddressInfo;
  table = hostileProofs(`http://127.0.0.1:${port}/jwks`, forgers);
});

afterAll(() => {
  deadEnd.close();
});

/** The result of a proof, as one line of the table. */
interface Outcome {
  name: string;
  answers: string[];
  /** What the audit trail says, and how often. */
  trail: string | undefined;
  unchanged: boolean;
  lives: boolean;
}

/** A few at a time: what matters is what they do, not how many there are. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}

function brief({ status, body }: CommandAnswer): string {
  return `${status} ${String(body.type ?? "")}`.trim();
}

function isTooLong({ proof }: HostileProof): boolean {
  return proof.length > MAX_CHARS;
}

function sent({ proof }: HostileProof) {
  return { signedDeviceChallenge: proof, ...REQUEST };
}

async function rowOf(sessionId: string): Promise<unknown> {
  return replicas[0].sql("SELECT xmin::text, s::text AS content FROM byo.sessions s WHERE id = $1", [sessionId]);
}

/** Sends it to both replicas. */
async function sendTo(command: string, data: object): Promise<string[]> {
  return Promise.all(replicas.map(async (replica) => brief(await replica.command(command, data))));
}

/** What the trail says of each session or user, once the refusals of all are written. */
async function trails(column: "session_id" | "user_id", event: string, ids: string[], expected: number) {
  return vi.waitFor(async () => {
    const rows = await replicas[0].sql<{ id: string; problem: string; count: number }>(
      `SELECT ${column}::text AS id, details->>'problem' AS problem, sum(count)::int AS count FROM byo.audit_events
       WHERE event = $1 AND ${column}::text = ANY($2) GROUP BY 1, 2`,
      [event, ids],
    );
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(expected);
    return new Map(rows.map(({ id, problem, count }) => [id, `${problem} × ${count}`]));
  }, 5000);
}

function expectedOf(hostile: HostileProof, refusal: string, problem: string): Outcome {
  const answer = isTooLong(hostile) ? "400 UnexpectedError" : refusal;
  const trail = isTooLong(hostile) ? undefined : `${problem} × 2`;
  return { name: hostile.name, answers: [answer, answer], trail, unchanged: true, lives: true };
}

/** The owner of the key in a proof's header. */
function names(proof: string, { jwk }: Device): boolean {
  const header: { jwk?: { x?: unknown } } = JSON.parse(Buffer.from(proof.split(".")[0] ?? "", "base64url").toString());
  return header.jwk?.x === jwk.x;
}

describe("every hostile proof", () => {
  it("23, 24, 25, 26, 27, 28, 30, 31 and 37: at a validation it is refused on both replicas, is audited and leaves the session to its owner", {
    timeout: 120_000,
  }, async () => {
    const deviceOf = ({ expected }: HostileProof) =>
      expected.expectedThumbprint === forgers.ed.thumbprint ? forgers.ed : forgers.es;
    const wordOf = (hostile: HostileProof) =>
      AFTER_THE_KEY.includes(hostile.problem) && !names(hostile.proof, deviceOf(hostile))
        ? "other-key"
        : hostile.problem;

    const tried = await eachOf(table, async (hostile) => {
      const device = deviceOf(hostile);
      const registration = { signedDeviceChallenge: device.prove(), ...REQUEST };
      const data = { userId: hostile.name, deviceRegistration: registration };
      const { sessionId, sessionToken } = await replicas[0].run("CreateSession", data);
      const before = await rowOf(sessionId);
      const answers = await sendTo("ValidateAndRefreshSession", { sessionToken, deviceVerification: sent(hostile) });
      const unchanged = JSON.stringify(await rowOf(sessionId)) === JSON.stringify(before);
      const owners = replicas.map((replica) => {
        const deviceVerification = { signedDeviceChallenge: device.prove(), ...REQUEST };
        return replica.command("ValidateSession", { sessionToken, deviceVerification });
      });
      const lives = (await Promise.all(owners)).every(({ status }) => status === 200);
      return { sessionId, outcome: { name: hostile.name, answers, unchanged, lives } };
    });
    const ids = tried.map(({ sessionId }) => sessionId);
    const written = await trails("session_id", "SessionRefused", ids, 2 * table.filter((h) => !isTooLong(h)).length);
    const outcomes = tried.map(({ sessionId, outcome }) => ({ ...outcome, trail: written.get(sessionId) }));
    expect(outcomes).toEqual(table.map((h) => expectedOf(h, "401 DeviceVerificationFailed", wordOf(h))));
    expect(outcomes.length).toBeGreaterThan(120);
  });

  // If no key is bound yet, a proof by another key is valid.
  const registering = () => table.filter(({ problem }) => problem !== "other-key");

  it("23, 24, 25, 26, 27, 28, 30, 31 and 37: at RegisterDevice it binds nothing, and a good one afterwards does", {
    timeout: 120_000,
  }, async () => {
    const tried = await eachOf(registering(), async (hostile) => {
      const { sessionId, sessionToken } = await replicas[0].run("CreateSession", { userId: hostile.name });
      const before = await rowOf(sessionId);
      const answers = await sendTo("RegisterDevice", { sessionToken, rememberDevice: true, ...sent(hostile) });
      const unchanged = JSON.stringify(await rowOf(sessionId)) === JSON.stringify(before);
      const good = { signedDeviceChallenge: forgers.es.prove(), ...REQUEST };
      const lives = (await replicas[1].command("RegisterDevice", { sessionToken, ...good })).status === 200;
      return { sessionId, outcome: { name: hostile.name, answers, unchanged, lives } };
    });
    const ids = tried.map(({ sessionId }) => sessionId);
    const due = 2 * registering().filter((h) => !isTooLong(h)).length;
    const written = await trails("session_id", "DeviceRegistrationRefused", ids, due);
    const outcomes = tried.map(({ sessionId, outcome }) => ({ ...outcome, trail: written.get(sessionId) }));
    expect(outcomes).toEqual(registering().map((h) => expectedOf(h, "400 InvalidDeviceRegistration", h.problem)));
  });

  it("23, 24, 25, 26, 27, 28, 30, 31 and 37: at a login it makes no session, and a good one afterwards does", {
    timeout: 120_000,
  }, async () => {
    const userOf = (hostile: HostileProof) => `login with ${hostile.name}`;
    const tried = await eachOf(registering(), async (hostile) => {
      const userId = userOf(hostile);
      const answers = await sendTo("CreateSession", { userId, deviceRegistration: sent(hostile) });
      const { sessions } = await replicas[0].run("FetchAllSessionsForUser", { userId });
      const deviceRegistration = { signedDeviceChallenge: forgers.es.prove(), ...REQUEST };
      const lives = (await replicas[1].command("CreateSession", { userId, deviceRegistration })).status === 200;
      return { name: hostile.name, answers, unchanged: sessions.length === 0, lives };
    });
    const due = 2 * registering().filter((h) => !isTooLong(h)).length;
    const written = await trails("user_id", "SessionCreateRefused", registering().map(userOf), due);
    const outcomes = tried.map((outcome, at) => {
      const hostile = registering()[at];
      return { ...outcome, trail: hostile && written.get(userOf(hostile)) };
    });
    expect(outcomes).toEqual(registering().map((h) => expectedOf(h, "400 InvalidDeviceRegistration", h.problem)));
  });

  it("29 it makes nobody follow a URL of its header", () => {
    expect(fetches).toBe(0);
  });
});

describe("a challenge", () => {
  it("34 cannot be invented, changed in any byte, shortened, or spelled otherwise", { timeout: 60_000 }, async () => {
    const [sidecar] = replicas;
    const { deviceChallenge } = await sidecar.run("CreateDeviceChallenge", {});
    const good = Buffer.from(deviceChallenge, "base64url");
    const flipped = Array.from(good, (byte, at) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte ^ 1;
      return bytes.toString("base64url");
    });
    const others = [
      deviceChallenge.slice(0, -1),
      `${deviceChallenge}A`,
      `${deviceChallenge}=`,
      deviceChallenge.slice(0, -1) + String.fromCharCode(deviceChallenge.charCodeAt(deviceChallenge.length - 1) + 1),
      good.toString("base64"),
      "A".repeat(deviceChallenge.length),
      "x".repeat(5000),
      "null",
    ];
    const device = createDevice("ES256", deviceChallenge);
    const registration = { signedDeviceChallenge: device.prove(), ...REQUEST };
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", {
      userId: "ada",
      deviceRegistration: registration,
    });
    const before = await rowOf(sessionId);
    const forged = [...flipped, ...others].filter((nonce) => nonce !== deviceChallenge);
    for (const nonce of forged) {
      const deviceVerification = { signedDeviceChallenge: device.prove({ claims: { nonce } }), ...REQUEST };
      const answer = await sidecar.command("ValidateSession", { sessionToken, deviceVerification });
      expect(brief(answer), nonce).toBe("401 DeviceVerificationFailed");
    }
    expect(await rowOf(sessionId)).toEqual(before);
    const written = await trails("session_id", "SessionRefused", [sessionId], forged.length);
    expect(written.get(sessionId)).toBe(`challenge × ${forged.length}`);
  });
});
