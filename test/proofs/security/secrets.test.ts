import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { launchSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { dumpDatabase } from "./database-dump.ts";
import { type Canary, foundCanaries } from "./spellings.ts";

const random = () => randomBytes(32).toString("base64url");
const INTEGRATION_KEY = `api_${random()}`;
const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const METRICS_TOKEN = random();
const PASSWORD = random();
const METADATA = random();

const canaries: Canary[] = [
  { name: "integration key", value: INTEGRATION_KEY },
  { name: "integration key without its prefix", value: INTEGRATION_KEY.slice(4) },
  { name: "encryption key", value: ENCRYPTION_KEY },
  { name: "metrics token", value: METRICS_TOKEN },
  { name: "database password", value: PASSWORD },
];
const metadata: Canary = { name: "metadata", value: METADATA };

let sidecar: TestSidecar;
/** The body of every unsuccessful answer. */
const errors: string[] = [];

function note(name: string, value: string): string {
  canaries.push({ name, value });
  return value;
}

async function send(name: string, data: unknown, authorization?: string) {
  const answer = await sidecar.command(name, data, { authorization });
  if (answer.status !== 200) errors.push(JSON.stringify(answer.body));
  return answer;
}

beforeAll(async () => {
  const database = await createTestDatabase();
  const url = new URL(database.env.DATABASE_URL ?? "");
  url.password = PASSWORD;
  sidecar = await startTestSidecar({
    database: { ...database, env: { DATABASE_URL: url.href } },
    env: { INITIAL_INTEGRATION_KEY: INTEGRATION_KEY, ENCRYPTION_KEY, METRICS_TOKEN, LOG_LEVEL: "trace" },
    config: { defaults: { max_concurrent_sessions_per_user: 2 } },
  });
});

function noteToken(name: string, token: unknown): string {
  const text = String(token);
  note(name, text);
  note(`${name}: secret`, text.split(".").at(-1) ?? "");
  return text;
}

/** A typical day's requests, with a canary wherever a secret can be. */
async function liveThroughADay(): Promise<void> {
  const legacyId = note("session id of another library", random());
  const created = await send("CreateSession", {
    userId: "ada",
    metadata: { card: METADATA },
    legacyId,
    userAgent: "curl/8.0",
    ipAddress: "203.0.113.7",
  });
  const first = noteToken("first token", created.body.sessionToken);
  const sessionId = created.body.sessionId;
  const client = { userAgent: "curl/8.0", ipAddress: "203.0.113.7" };
  await send("UpdateSession", { sessionId, patchMetadata: { note: METADATA }, tagsToAdd: ["role:admin"] });
  await sidecar.advance(3601);
  const refreshed = await send("ValidateAndRefreshSession", { sessionToken: first, ...client });
  const second = noteToken("second token", refreshed.body.newSessionToken);
  await send("ValidateSession", { sessionToken: second, ...client });
  await send("ValidateSession", { sessionToken: second, ...client, requiredTags: ["a:b"] });
  await send("ValidateSession", { sessionToken: second });
  await sidecar.advance(61);
  await send("ValidateSession", { sessionToken: first, ...client, ipAddress: "198.51.100.9" });
  await send("ValidateSession", { sessionToken: second, ...client });

  const forged = noteToken("forged token", `${second.slice(0, -43)}${random()}`);
  for (const name of ["ValidateSession", "ValidateAndRefreshSession", "InvalidateSessionByToken"])
    await send(name, { sessionToken: forged });
  await send("CreateSession", { userId: "ada", legacyId });
  await send("CreateSession", {
    userId: "ada",
    deviceRegistration: { signedDeviceChallenge: note("proof at login", random()) },
  });
  await send("RegisterDevice", {
    sessionToken: second,
    signedDeviceChallenge: note("proof at registration", random()),
  });
  await send("ValidateSession", {
    sessionToken: second,
    deviceVerification: { signedDeviceChallenge: note("proof", random()) },
  });
  const { body: stateless } = await send("CreateStatelessToken", { userId: "ada", customClaims: { card: METADATA } });
  noteToken("stateless token", stateless.statelessToken);
  await send("CreateStatelessToken", { userId: "ada", customClaims: { sub: note("secret in a claim", random()) } });
  await send("RotateStatelessTokenKey", { secsBeforeNewKeyBecomesDefault: 1, secsBeforeExistingKeysAreDeactivated: 2 });
  const { body: challenge } = await send("CreateDeviceChallenge", {});
  note("device challenge", String(challenge.deviceChallenge));
}

/** Secrets in wrong places, as a mistake in an application would put them there. */
async function makeMistakes(): Promise<void> {
  const token = noteToken("misplaced token", (await send("CreateSession", { userId: "bob" })).body.sessionToken);
  const { secret } = { secret: note("misplaced secret", random()) };
  await send(token, {});
  await send("ValidateSession", { sessionToken: [token] });
  await send("ValidateSession", { sessionToken: { [secret]: token } });
  await send("ValidateSession", token);
  await send("CreateSession", { userId: { password: secret } });
  await send("CreateSession", { userId: "bob", metadata: { [secret]: `${METADATA}\0` } });
  await send("CreateSession", { userId: "bob", metadata: "x".repeat(70_000) + METADATA });
  await send("CreateSession", { userId: "bob", ipAddress: secret });
  await send("UpdateSession", { sessionId: token, newMetadata: { card: METADATA } });
  await send("InvalidateSessionById", { sessionId: token });
  await send("FetchSessionById", { sessionId: token });
  await send("InvalidateAllSessionsForUserExceptOne", { userId: "eve", sessionTokenToKeep: token });
  await send("UpdateSessions", { filter: { [secret]: 1 }, newMetadata: { card: METADATA } });
  await send("Ping", {}, `Bearer ${note("unknown key", `api_${random()}`)}`);
  await send("Ping", {}, `Bearer ${note("key with another prefix", `sk_${random()}`)}`);
  await send("Ping", {}, `Basic ${note("basic credentials", random())}`);
  const answers = [
    await sidecar.post(`{"command":"ValidateSession","data":{"sessionToken":"${token}"`),
    await sidecar.post(`${token}${secret}`),
  ];
  errors.push(...answers.map(({ body }) => JSON.stringify(body)));
  for (const path of [`/${token}`, `/run-command/${secret}`, `/%ff${secret}`, `/metrics?token=${secret}`]) {
    errors.push((await sidecar.get(path)).text);
  }
}

/** A database that refuses, with messages that quote the row. */
async function breakTheDatabase(): Promise<void> {
  await sidecar.sql("ALTER TABLE byo.sessions ADD CONSTRAINT refuse CHECK (user_id <> 'carol') NOT VALID");
  await send("CreateSession", { userId: "carol", metadata: { card: METADATA } });
  await sidecar.sql("ALTER TABLE byo.sessions DROP CONSTRAINT refuse");
  const { body } = await send("CreateSession", { userId: "dora" });
  const dora = noteToken("token of a broken row", body.sessionToken);
  await sidecar.sql(
    `CREATE FUNCTION byo.complain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this: %', NEW USING DETAIL = NEW::text; END $$;
     CREATE TRIGGER complain BEFORE UPDATE ON byo.sessions FOR EACH ROW EXECUTE FUNCTION byo.complain()`,
  );
  await send("UpdateSession", { sessionId: body.sessionId, newMetadata: { card: METADATA } });
  await send("InvalidateSessionByToken", { sessionToken: dora });
  await sidecar.sql("DROP TRIGGER complain ON byo.sessions; DROP FUNCTION byo.complain()");
}

describe("59 secrets stay secret", () => {
  it("59 and 03: canaries are in no log line, metric, error or database row, as text, hex or base64", {
    timeout: 60_000,
  }, async () => {
    await liveThroughADay();
    await makeMistakes();
    await breakTheDatabase();
    await sleep(1500);

    const { body } = await request(`${sidecar.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    const metrics = await body.text();
    const { text: dump, rows } = await dumpDatabase(sidecar.database);
    const log = sidecar.logText();
    console.log(
      `59: ${canaries.length + 1} canaries; ${errors.length} errors, ${rows} rows, ${log.split("\n").length} log lines searched`,
    );

    // Each place contains something, and the search finds it.
    expect(metrics).toContain("byo_command_duration_seconds");
    expect(errors.length).toBeGreaterThan(25);
    expect(foundCanaries(dump, [metadata])).toEqual(["metadata"]);
    const keyHash = createHash("sha256").update(INTEGRATION_KEY).digest("base64url");
    expect(foundCanaries(dump, [{ name: "hash of the key", value: keyHash }])).toEqual(["hash of the key"]);
    expect(log).toContain("a command failed unexpectedly");

    expect(foundCanaries(dump, canaries)).toEqual([]);
    expect(dump + log).not.toContain("PRIVATE KEY");
    expect(foundCanaries(log, [...canaries, metadata])).toEqual([]);
    expect(foundCanaries(metrics, [...canaries, metadata])).toEqual([]);
    expect(foundCanaries(errors.join("\n"), [...canaries, metadata])).toEqual([]);
  });

  it("59 labels of metrics come from closed lists, whatever is sent", async () => {
    const text = await (
      await request(`${sidecar.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
    ).body.text();
    const labels = [...text.matchAll(/\b(?:command|reason|error|status|step)="([^"]*)"/g)].map(
      ([, value = ""]) => value,
    );
    expect(labels.length).toBeGreaterThan(5);
    for (const label of new Set(labels)) expect(label).toMatch(/^([A-Za-z_]{1,40}|not-served|\d{3})$/);
    expect(new Set(labels).size).toBeLessThan(80);
  });

  it.each<[string, number, Record<string, string>]>([
    ["a database address", 78, { DATABASE_URL: `postgres://byo:${PASSWORD}@127.0.0.1:notaport/x` }],
    ["a database that is not there", 69, { DATABASE_URL: `postgres://byo:${PASSWORD}@127.0.0.1:1/x` }],
    ["an encryption key", 78, { ENCRYPTION_KEY: PASSWORD }],
    ["an integration key", 78, { INITIAL_INTEGRATION_KEY: `key_${PASSWORD}` }],
    ["a metrics token", 78, { METRICS_TOKEN: `${PASSWORD} ` }],
  ])("59 a start that fails over %s does not show it", { timeout: 30_000 }, async (_case, code, env) => {
    const failed = await launchSidecar({ env: { DATABASE_WAIT_SECS: "0", ...env } });
    expect(await failed.ended).toEqual({ code, signal: null });
    expect(failed.logText()).toContain("The sidecar cannot start.");
    expect(foundCanaries(failed.logText(), [{ name: "secret", value: PASSWORD }])).toEqual([]);
  });

  it("03 rows that change places do not decrypt: a salt opens in its own session only", async () => {
    const [row] = await sidecar.sql<{ salt: Buffer; id: string }>("SELECT id, salt FROM byo.sessions LIMIT 1");
    // Version 1 is AES-256-GCM; 0 would be plain.
    expect(row?.salt[0]).toBe(1);
    const salts = await sidecar.sql<{ salt: Buffer }>("SELECT salt FROM byo.sessions");
    expect(new Set(salts.map(({ salt }) => salt.toString("hex"))).size).toBe(salts.length);
  });

  it("47 standard output that is no terminal never holds an integration key, of a first start neither", {
    timeout: 30_000,
  }, async () => {
    const database = await createTestDatabase({ empty: true });
    const failed = await launchSidecar({ database, env: { INITIAL_INTEGRATION_KEY: undefined } });
    for (let attempt = 0; attempt < 100 && !failed.logText().includes("listening"); attempt++) await sleep(100);
    expect(failed.logText()).toContain("listening");
    expect(failed.logText()).not.toMatch(/api_[\w-]{16}/);
  });
});
