import { mkdtemp, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { clientOf, connectedClient } from "./connected-client.ts";

const CERT = join(import.meta.dirname, "tls/localhost.pem");
const KEY = join(import.meta.dirname, "tls/localhost-key.pem");

async function socketPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "byo-socket-")), "sidecar.sock");
}

describe("a Unix socket", () => {
  it("is for its owner and its group, carries both ways, and is gone after the stop", async () => {
    const path = await socketPath();
    const sidecar = await startTestSidecar({ env: { SOCKET_PATH: path } });
    const { mode } = await stat(path);
    expect((mode & 0o777).toString(8)).toBe("660");
    const client = await connectedClient(sidecar, { url: `unix:${path}` });
    expect(await client.session.create({ userId: "ada" })).toMatchObject({ ok: true });
    expect(client.lines).toEqual([]);
    await sidecar.stop();
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  it("carries single requests where there is no fast path", async () => {
    const path = await socketPath();
    const sidecar = await startTestSidecar({ env: { SOCKET_PATH: path, FAST_PATH: "off" } });
    const client = clientOf(sidecar, { url: `unix:${path}` });
    expect(await client.session.create({ userId: "ada" })).toMatchObject({ ok: true });
    await client.close();
  });

  it("that a crash has left is replaced; one that is in use, or anything else there, stops the start", async () => {
    const path = await socketPath();
    const dead = createServer().listen(path);
    await new Promise((resolve) => dead.once("listening", resolve));
    const used = startTestSidecar({ env: { SOCKET_PATH: path } });
    await expect(used).rejects.toThrow(`SOCKET_PATH: another process listens on ${path}`);
    await new Promise((resolve) => dead.close(resolve));

    await writeFile(path, "precious");
    const file = startTestSidecar({ env: { SOCKET_PATH: path } });
    await expect(file).rejects.toThrow(
      `SOCKET_PATH: ${path} exists and is not a socket; remove it or choose another path`,
    );
    expect(await readFile(path, "utf8")).toBe("precious");
    await unlink(path);

    const missing = startTestSidecar({ env: { SOCKET_PATH: "/no/such/folder/s.sock" } });
    await expect(missing).rejects.toThrow("SOCKET_PATH: /no/such/folder cannot be written to");
  });
});

describe("TLS", () => {
  it("is spoken where a certificate is named, and core checks it", async () => {
    const sidecar = await startTestSidecar({ env: { TLS_CERT_FILE: CERT, TLS_KEY_FILE: KEY } });
    expect(sidecar.url).toMatch(/^https:/);
    const url = sidecar.url.replace("127.0.0.1", "localhost");
    const stranger = clientOf(sidecar, { url });
    expect(await stranger.ping(undefined)).toMatchObject({ ok: false });
    expect(stranger.lines.join()).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");

    const trusted = getCACertificates("default");
    stopAfterFile(async () => setDefaultCACertificates(trusted));
    setDefaultCACertificates([...trusted, await readFile(CERT, "utf8")]);
    const client = await connectedClient(sidecar, { url });
    expect(await client.session.create({ userId: "ada" })).toMatchObject({ ok: true });
    expect(client.lines).toEqual([]);
  });

  it("with files that do not fit stops the start, and says which they are", async () => {
    const start = (env: Record<string, string>) => startTestSidecar({ env });
    await expect(start({ TLS_CERT_FILE: CERT })).rejects.toThrow(
      "TLS_KEY_FILE: expected TLS_CERT_FILE and TLS_KEY_FILE",
    );
    await expect(start({ TLS_CERT_FILE: CERT, TLS_KEY_FILE: "/none" })).rejects.toThrow(
      "TLS_KEY_FILE: /none cannot be",
    );
    await expect(start({ TLS_CERT_FILE: KEY, TLS_KEY_FILE: KEY })).rejects.toThrow("do not belong together");
  });
});
