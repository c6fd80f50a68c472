import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { connect, type TLSSocket } from "node:tls";
import { Agent, request } from "undici";
import { beforeAll, expect, it, vi } from "vitest";
import { type Certificate, createAuthority } from "../../../harness/certificates.ts";
import { freePort } from "../../../harness/free-port.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { createPlace, type Place } from "./place.ts";

const SOON = { timeout: 8000, interval: 100 };
let place: Place;

beforeAll(async () => {
  place = await createPlace();
});

/** The serial number of the certificate that a new connection gets, and the connection. */
async function shake(port: number): Promise<{ serial: string; socket: TLSSocket }> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return { serial: socket.getPeerCertificate().serialNumber, socket };
}

async function serialAt(port: number): Promise<string> {
  const { serial, socket } = await shake(port);
  socket.destroy();
  return serial;
}

/** Whether the metrics say that the newest certificate is not the one in use. */
async function staleAt(port: number): Promise<string | undefined> {
  const dispatcher = new Agent({ connect: { ca: await readFile(place.authority.path) } });
  const { body } = await request(`https://localhost:${port}/metrics`, { dispatcher });
  const [, value] = /^byo_settings_stale\{settings="certificate"\} (\d)$/m.exec(await body.text()) ?? [];
  await dispatcher.close();
  return value;
}

it("a renewed certificate serves new connections on both ports, and a broken one changes nothing", async () => {
  const [first, second] = [await place.authority.issue("localhost"), await place.authority.issue("localhost")];
  const write = async ({ cert, key }: Certificate) => ({
    TLS_CERT_FILE: await place.write("own.crt", cert),
    TLS_KEY_FILE: await place.write("own.key", key),
  });
  const port = await freePort();
  const sidecar = await startTestSidecar({ env: { ...(await write(first)), DASHBOARD_PORT: String(port) } });
  const ports = [Number(new URL(sidecar.url).port), port];
  const stale = () => staleAt(ports[0] ?? 0);
  const before = await Promise.all(ports.map(serialAt));
  const open = await shake(ports[0] ?? 0);
  await write(second);
  await vi.waitFor(async () => {
    for (const [at, serial] of (await Promise.all(ports.map(serialAt))).entries()) expect(serial).not.toBe(before[at]);
  }, SOON);
  const renewed = await Promise.all(ports.map(serialAt));
  // Connections from before go on.
  open.socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  expect(String((await once(open.socket, "data"))[0])).toContain("200 OK");
  open.socket.destroy();

  expect(await stale()).toBe("0");

  await place.write("own.key", first.key);
  await vi.waitFor(() => expect(sidecar.logText()).toContain("The earlier certificate stays in use"), SOON);
  expect(await stale()).toBe("1");
  expect(await Promise.all(ports.map(serialAt))).toEqual(renewed);
  await write(await place.authority.issue("localhost", { expired: true }));
  await vi.waitFor(() => expect(sidecar.logText()).toContain("has expired on"), SOON);
  expect(await Promise.all(ports.map(serialAt))).toEqual(renewed);
  await write(first);
  await vi.waitFor(async () => expect(await Promise.all(ports.map(serialAt))).toEqual(before), SOON);
  expect(await stale()).toBe("0");
  expect(sidecar.logText()).not.toContain("PRIVATE KEY");
});

it("the certificates for Postgres are read again for each connection", async () => {
  const other = await createAuthority();
  const file = await place.write("roots.pem", "");
  const { cert, key } = await place.authority.issue("localhost");
  await place.postgres.write("server.crt", cert);
  await place.postgres.write("server.key", key);
  await runSql(place.postgres.urlOf("postgres"), "SELECT pg_reload_conf()");
  await copyFile(place.authority.path, file);
  const DATABASE_URL = `postgres://byo@localhost:${place.postgres.port}/postgres?sslrootcert=${file}`;
  const sidecar = await startTestSidecar({ env: { DATABASE_URL, SESSION_CACHE: "off" } });
  expect(sidecar.logText()).toContain('"encryption":"TLS, verified"');
  await reconnect(sidecar, 200);
  // An authority that did not issue the server's certificate: so the file is read again, and believed.
  await copyFile(other.path, file);
  await reconnect(sidecar, 503);
  await copyFile(place.authority.path, file);
  await reconnect(sidecar, 200);

  async function reconnect(of: TestSidecar, status: number): Promise<void> {
    await runSql(place.postgres.urlOf("postgres"), END_CONNECTIONS);
    await vi.waitFor(async () => expect(await of.get("/readyz")).toMatchObject({ status }), SOON);
  }
});

const END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byo-session'";
