import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createProxiedDatabase } from "../../harness/proxied-database.ts";
import { openRawPeer } from "../../harness/raw-peer.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { clientOf, connectedClient } from "./connected-client.ts";

/** A second is what is promised; a busy machine is given as much again. */
const CLOSES_WITHIN_MS = 2000;

async function addKey(sidecar: TestSidecar, name: string, commands: string[] | null): Promise<string> {
  const key = `api_${name}${"0123456789abcdef".repeat(3)}`;
  await sidecar.sql(
    `INSERT INTO byo.integration_keys (id, name, key_hash, allowed_commands, initial)
     VALUES (gen_random_uuid(), $1, $2, $3, false)`,
    [name, createHash("sha256").update(key).digest(), commands],
  );
  return key;
}

describe("an integration key over the fast path", () => {
  it("that is revoked: its connections are closed within a second, idle ones too, and no others", async () => {
    const sidecar = await startTestSidecar();
    const key = await addKey(sidecar, "revoked", null);
    const idle = await openRawPeer(sidecar, `Bearer ${key}`);
    const other = await openRawPeer(sidecar);
    const client = await connectedClient({ ...sidecar, integrationKey: key });
    await sidecar.sql("UPDATE byo.integration_keys SET revoked_at = byo.now() WHERE name = 'revoked'");
    const start = performance.now();
    expect(await idle.reason()).toBe("the integration key is refused: IntegrationKeyNotFound");
    expect(performance.now() - start).toBeLessThan(CLOSES_WITHIN_MS);
    await expect
      .poll(() => client.ping(undefined), { timeout: CLOSES_WITHIN_MS })
      .toMatchObject({ ok: false, status: 401, error: { type: "IntegrationKeyNotFound" } });
    expect(client.lines.join()).toContain("refuses the integration key: IntegrationKeyNotFound");
    other.send(1, { command: "Ping" });
    expect(await other.answerTo(1)).toMatchObject({ status: 200 });
    const ended = (await sidecar.metrics()).get('byo_fast_path_connections_ended_total{reason="key"}');
    expect(ended).toBe(2);
  });

  it("that is limited to some commands runs no other one", async () => {
    const sidecar = await startTestSidecar();
    const integrationKey = await addKey(sidecar, "limited", ["Ping", "ValidateSession"]);
    const client = await connectedClient({ ...sidecar, integrationKey });
    const refused = { type: "CommandNotAllowed", details: { command_name: "CreateSession" } };
    const [ping, create, validate] = await Promise.all([
      client.ping(undefined),
      client.session.create({ userId: "ada" }),
      client.session.validate({ sessionToken: "x" }),
    ]);
    expect(ping).toMatchObject({ ok: true });
    expect(create).toMatchObject({ ok: false, status: 403, error: refused });
    expect(validate).toMatchObject({ ok: false, error: { type: "InvalidSessionToken" } });
  });

  it("that cannot be looked up any more is not taken on trust: 503 while the database is frozen", async () => {
    const { proxy, ...proxied } = await createProxiedDatabase();
    const sidecar = await startTestSidecar(proxied);
    const client = await connectedClient(sidecar, { timeoutMs: 5000 });
    proxy.freeze();
    const closed = {
      ok: false,
      status: 503,
      error: { type: "UnexpectedError", details: "the database did not answer" },
    };
    await expect.poll(() => client.ping(undefined), { timeout: 15_000 }).toMatchObject(closed);
    proxy.thaw();
    await expect.poll(() => clientOf(sidecar).ping(undefined), { timeout: 15_000 }).toMatchObject({ ok: true });
  });
});
