import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createKey, listKeys } from "../../../../sidecar/src/engine/keys/key-management.ts";
import { openRawPeer } from "../../../harness/raw-peer.ts";
import { createSidecarClient } from "../../../harness/sidecar-client.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type BoundSession, logInWithDevice, proved, REQUIRED } from "../bound-session.ts";
import { withDatabase } from "../with-database.ts";

const COMMANDS = ["ValidateSession", "ValidateAndRefreshSession"] as const;
const allowedCommands = ["Ping", "CreateSession", ...COMMANDS];

let sidecar: TestSidecar;
let session: BoundSession;
const keys = { limited: "", ticked: "", unlimited: "" };

beforeAll(async () => {
  sidecar = await startTestSidecar();
  await withDatabase(sidecar, async (db) => {
    keys.limited = (await createKey(db, { name: "limited", allowedCommands })).key;
    keys.ticked = (await createKey(db, { name: "ticked", allowedCommands, capabilities: ["device:ignore"] })).key;
    keys.unlimited = (await createKey(db, { name: "unlimited" })).key;
  });
  session = await logInWithDevice(sidecar, { userId: "ada" });
});

const as = (key: string) => createSidecarClient(sidecar.url, key);
const authorized = (key: string) => ({ authorization: `Bearer ${key}` });
const ignoring = () => ({ sessionToken: session.token, ignoreDeviceForVerification: true });
const refusalOf = (command: string) => ({
  status: 403,
  body: { type: "CommandNotAllowed", details: { command_name: command } },
});

async function lastIgnored(name: string): Promise<number | null | undefined> {
  const rows = await withDatabase(sidecar, listKeys);
  return rows.find((row) => row.name === name)?.devices_ignored_at;
}

describe.each(COMMANDS)("%s with ignoreDeviceForVerification", (command) => {
  it("passes without a proof under a key for all commands and under one that may", async () => {
    for (const key of [keys.unlimited, keys.ticked]) {
      expect(await sidecar.command(command, ignoring(), authorized(key))).toMatchObject({ status: 200 });
    }
  });

  it("is refused under a limited key, whatever else is in the command", async () => {
    const good = await proved(sidecar, session);
    const commands = [
      ignoring(),
      { ...good, ignoreDeviceForVerification: true },
      { ignoreDeviceForVerification: true },
      { sessionToken: "x".repeat(90), ignoreDeviceForVerification: true },
      { ...ignoring(), userAgent: "x", requiredTags: ["a:b"], attemptId: "1" },
    ];
    for (const data of commands) {
      expect(await sidecar.command(command, data, authorized(keys.limited))).toEqual(refusalOf(command));
    }
    // JSON takes the last of two members of one name.
    const twice = `{"command":"${command}","data":{"sessionToken":"${session.token}","ignoreDeviceForVerification":false,"ignoreDeviceForVerification":true}}`;
    expect(await as(keys.limited).post(twice)).toEqual(refusalOf(command));
  });

  it("that is false or null is an ordinary command", async () => {
    for (const ignoreDeviceForVerification of [false, null, undefined]) {
      const data = { sessionToken: session.token, ignoreDeviceForVerification };
      expect(await sidecar.command(command, data, authorized(keys.limited))).toEqual(REQUIRED);
    }
  });

  it("is refused on the fast path too", async () => {
    const limited = await openRawPeer(sidecar, `Bearer ${keys.limited}`);
    limited.send(1, { command, data: ignoring() });
    limited.send(2, { command, data: { sessionToken: session.token } });
    const { status, json } = await limited.answerTo(1);
    expect({ status, body: JSON.parse(json) }).toEqual(refusalOf(command));
    expect((await limited.answerTo(2)).status).toBe(401);
    const ticked = await openRawPeer(sidecar, `Bearer ${keys.ticked}`);
    ticked.send(1, { command, data: ignoring() });
    expect((await ticked.answerTo(1)).status).toBe(200);
  });
});

it("means no other place in the data: metadata may contain the word", async () => {
  const metadata = { ignoreDeviceForVerification: true, list: [{ ignoreDeviceForVerification: true }] };
  const made = await sidecar.command("CreateSession", { userId: "eve", metadata }, authorized(keys.limited));
  expect(made.status).toBe(200);
});

it("is recorded with the key: when it was last used", async () => {
  await expect.poll(() => lastIgnored("ticked")).toEqual(expect.any(Number));
  expect(await lastIgnored("limited")).toBeNull();
  await withDatabase(sidecar, (db) => createKey(db, { name: "never" }));
  expect(await lastIgnored("never")).toBeNull();
});

it("is in the record of the key that may", async () => {
  const rows = await sidecar.sql<{ name: string; capabilities: string[] | null }>(
    "SELECT details->>'name' AS name, details->'capabilities' AS capabilities FROM byo.audit_events WHERE event = 'IntegrationKeyCreated'",
  );
  expect(rows).toContainEqual({ name: "ticked", capabilities: ["device:ignore"] });
  expect(rows).toContainEqual({ name: "limited", capabilities: null });
});

it("cannot be given under another name", async () => {
  const create = withDatabase(sidecar, (db) =>
    createKey(db, { name: randomBytes(4).toString("hex"), allowedCommands, capabilities: ["device:Ignore"] }),
  );
  await expect(create).rejects.toMatchObject({ code: "ERR_KEY_CAPABILITIES" });
});
