import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { dumpDatabase } from "./database-dump.ts";
import { foundCanaries } from "./spellings.ts";

const LOGINS = 1000;
const AT_ONCE = 20;
const SECRET_BITS = 256;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { defaults: { max_concurrent_sessions_per_user: 20 } } });
});

interface TokenParts {
  id: string;
  gen: string;
  tag: string;
  secret: string;
}

function partsOf(sessionToken: string): TokenParts {
  const [id = "", gen = "", tag = "", secret = ""] = sessionToken.replace("byo_sess_", "").split(".");
  return { id, gen, tag, secret };
}

function tokenOf({ id, gen, tag, secret }: TokenParts): string {
  return `byo_sess_${id}.${gen}.${tag}.${secret}`;
}

async function login(userId = "ada") {
  return sidecar.run("CreateSession", { userId });
}

describe("tokens", () => {
  it(`01 no id, tag or secret of ${LOGINS} logins comes twice, and every bit of a secret is as often 0 as 1`, {
    timeout: 120_000,
  }, async () => {
    const tokens: TokenParts[] = [];
    const worker = async (name: number) => {
      for (let at = 0; at < LOGINS / AT_ONCE; at++)
        tokens.push(partsOf((await login(`user-${name}-${at}`)).sessionToken));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, name) => worker(name)));

    for (const part of ["id", "tag", "secret"] as const)
      expect(new Set(tokens.map((token) => token[part])).size).toBe(LOGINS);
    const secrets = tokens.map(({ secret }) => Buffer.from(secret, "base64url"));
    expect(new Set(secrets.map((secret) => secret.length * 8))).toEqual(new Set([SECRET_BITS]));
    // Six standard deviations: a fair generator fails this once in a million runs, a counter or a clock always.
    const tolerated = 6 * Math.sqrt(LOGINS / 4);
    for (let bit = 0; bit < SECRET_BITS; bit++) {
      const ones = secrets.filter((secret) => ((secret[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
      expect(Math.abs(ones - LOGINS / 2), `bit ${bit}`).toBeLessThan(tolerated);
    }
  });

  it("02 a token says nothing of its user, and looks the same for everyone", async () => {
    const person = {
      userId: "alice.liddell@example.com",
      tags: ["org:wonderland"],
      ipAddress: "203.0.113.77",
      metadata: { plan: "looking-glass" },
    };
    const { sessionToken } = await sidecar.run("CreateSession", { ...person, userAgent: "Wonderland/1.0" });
    const readable = Object.values(partsOf(sessionToken)).map((part) =>
      Buffer.from(part, "base64url").toString("latin1"),
    );
    const personal = ["alice.liddell@example.com", "wonderland", "203.0.113.77", "looking-glass"];
    const canaries = personal.map((value) => ({ name: value, value }));
    expect(foundCanaries([sessionToken, ...readable].join("\n"), canaries)).toEqual([]);
    const { sessionToken: other } = await login("b");
    expect(other.length).toBe(sessionToken.length);
    expect(sessionToken).toMatch(/^[\w.-]{64,256}$/);
  });

  it("03 a dump of the database and the log hold no live token, in no spelling; the successor neither", async () => {
    const { sessionToken } = await login("grace");
    await sidecar.advance(3601);
    const { newSessionToken = "" } = await sidecar.run("ValidateAndRefreshSession", { sessionToken });
    expect(newSessionToken).not.toBe("");
    const canaries = [sessionToken, newSessionToken].flatMap((token, at) => [
      { name: `token ${at}`, value: token },
      { name: `secret ${at}`, value: partsOf(token).secret },
    ]);
    const { text, rows } = await dumpDatabase(sidecar.database);
    expect(rows).toBeGreaterThan(10);
    expect(foundCanaries(text, canaries)).toEqual([]);
    expect(foundCanaries(sidecar.logText(), canaries)).toEqual([]);
    // The search itself works: what is stored is the hash, and the successor follows from the token, not from the dump.
    const hash = createHash("sha256")
      .update(Buffer.from(partsOf(sessionToken).secret, "base64url"))
      .digest();
    expect(foundCanaries(text, [{ name: "hash", value: hash.toString("base64url") }])).toEqual(["hash"]);
  });

  it("04 a right id with any other secret is NotFound, whatever its length, and changes nothing", async () => {
    const { sessionToken, sessionId } = await login();
    const { sessionToken: othersToken } = await login();
    const parts = partsOf(sessionToken);
    const { secret } = parts;
    const last = secret.at(-1) ?? "";
    const secrets = [
      "",
      secret.slice(0, -1),
      `${secret}A`,
      `${secret}=`,
      secret.toLowerCase() === secret ? secret.toUpperCase() : secret.toLowerCase(),
      partsOf(othersToken).secret,
      "A".repeat(43),
      // The same bytes in another spelling: the last character has two spare bits.
      secret.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1),
      Buffer.from(secret, "base64url").toString("hex"),
      Buffer.from(secret, "base64url").toString("base64"),
    ];
    const forged = [
      ...secrets.map((guess) => tokenOf({ ...parts, secret: guess })),
      tokenOf({ ...parts, gen: "00000000" }),
      tokenOf({ ...parts, gen: "00000002" }),
      tokenOf({ ...parts, gen: "ffffffff" }),
      tokenOf({ ...parts, gen: "0000001" }),
      sessionToken.toUpperCase(),
      ` ${sessionToken}`,
      `${sessionToken}\n`,
      sessionId,
    ];
    const read = () => sidecar.sql("SELECT xmin, * FROM byo.sessions WHERE id = $1", [sessionId]);
    const before = await read();
    for (const token of forged) {
      for (const command of ["ValidateSession", "ValidateAndRefreshSession"]) {
        expect(await sidecar.command(command, { sessionToken: token }), token).toEqual({
          status: 401,
          body: { type: "InvalidSessionToken", details: "NotFound" },
        });
      }
      expect(await sidecar.command("InvalidateSessionByToken", { sessionToken: token })).toEqual({
        status: 200,
        body: {},
      });
    }
    expect(await read()).toEqual(before);
    expect(await sidecar.run("ValidateSession", { sessionToken })).toMatchObject({ sessionId });
  });

  it("04 the tag is no secret: an invented one with a right secret of the current generation tells nothing new", async () => {
    const { sessionToken } = await login();
    const parts = partsOf(sessionToken);
    // Older generations are known by their tag alone: with the right tag and another secret they are forged.
    const old = tokenOf({ ...parts, gen: "00000000", secret: "A".repeat(43) });
    expect((await sidecar.command("ValidateSession", { sessionToken: old })).status).toBe(401);
    expect((await sidecar.command("ValidateSession", { sessionToken })).status).toBe(200);
  });

  it("05 ids and tokens of the caller are never adopted", async () => {
    const invented = tokenOf({ id: "A".repeat(22), gen: "00000001", tag: "A".repeat(22), secret: "A".repeat(43) });
    const [{ sessions } = { sessions: 0 }] = await sidecar.sql<{ sessions: number }>(
      "SELECT count(*)::int AS sessions FROM byo.sessions",
    );
    expect((await sidecar.command("ValidateAndRefreshSession", { sessionToken: invented })).status).toBe(401);
    const [after] = await sidecar.sql("SELECT count(*)::int AS sessions FROM byo.sessions");
    expect(after).toEqual({ sessions });

    const chosen = "00000000-0000-4000-8000-000000000000";
    const { status, body } = await sidecar.command("CreateSession", {
      userId: "eve",
      sessionId: chosen,
      sessionToken: invented,
      id: chosen,
    });
    expect(status).toBe(200);
    expect(body.sessionId).not.toBe(chosen);
    expect(body.sessionToken).not.toBe(invented);
    expect((await sidecar.command("ValidateSession", { sessionToken: invented })).status).toBe(401);
    expect((await sidecar.command("FetchSessionById", { sessionId: chosen })).status).toBe(404);
  });

  it("08 a login always makes a new session and a new token, for the same user too", async () => {
    const first = await login("ada");
    const second = await login("ada");
    expect(second.sessionId).not.toBe(first.sessionId);
    expect(partsOf(second.sessionToken).secret).not.toBe(partsOf(first.sessionToken).secret);
  });
});
