import { authenticateUpgrade, byoSession, requireSession } from "@byo-session/fastify";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { askForSocket } from "../../harness/ask-for-socket.ts";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTcpProxy } from "../../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

function createApp(): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });
  stopAfterFile(() => app.close());
  return app;
}

async function listen(app: FastifyInstance) {
  return createBrowserClient(await app.listen({ port: 0, host: "127.0.0.1" }));
}

/** What code finds on the request; the types promise what holds behind the plugin. */
function found(request: FastifyRequest) {
  const { session, byo }: Partial<Pick<FastifyRequest, "session" | "byo">> = request;
  return { session: session === null ? null : (session?.userId ?? typeof session), byo: typeof byo };
}

const tellError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
  reply.code(500).send({ code: error.code ?? error.message, ...found(request) });

function fail(): never {
  throw new Error("on purpose");
}

describe("what is attached belongs to the request", () => {
  test("a hook in front of the plugin finds nothing, before and after other requests", async () => {
    const app = createApp();
    const seen: object[] = [];
    app.addHook("onRequest", async (request) => void seen.push(found(request)));
    app.register(byoSession, connection());
    app.get("/", async (request) => found(request));
    const browser = await listen(app);
    for (let i = 0; i < 2; i++) expect((await browser.fetch("/")).json()).toEqual({ session: null, byo: "object" });
    expect(seen).toEqual(Array(2).fill({ session: "undefined", byo: "undefined" }));
  });

  test("an error handler may read it, where the error came up in front of the plugin and in its own options", async () => {
    const before = createApp();
    before.addHook("onRequest", async () => fail());
    before.register(byoSession, connection());
    before.setErrorHandler(tellError);
    const nothing = { code: "on purpose", session: "undefined", byo: "undefined" };
    expect((await (await listen(before)).fetch("/")).json()).toEqual(nothing);

    for (const options of [{ skip: fail }, { crossOriginProtection: fail }, { legacySession: fail }]) {
      const app = createApp();
      app.register(byoSession, { ...connection(), ...options });
      app.setErrorHandler(tellError);
      app.post("/", async () => "handled");
      const answer = await (await listen(app)).fetch("/", { method: "POST" });
      expect([answer.status, answer.json()]).toEqual([500, { code: "on purpose", session: null, byo: "object" }]);
    }
  });

  test.each<[string, (request: FastifyRequest) => unknown]>([
    ["an assignment", (request) => Object.assign(request, { session: {} })],
    ["an assignment to byo", (request) => Object.assign(request, { byo: {} })],
  ])("a hook that takes it is told so: %s", async (_how, take) => {
    for (const isBefore of [true, false]) {
      const app = createApp();
      if (!isBefore) app.register(byoSession, connection());
      app.addHook("onRequest", async (request) => void take(request));
      if (isBefore) app.register(byoSession, connection());
      app.setErrorHandler(tellError);
      app.get("/", async () => "in");
      expect((await (await listen(app)).fetch("/")).json()).toMatchObject({ code: "ERR_SESSION_PROPERTY_TAKEN" });
    }
  });

  test("a hook that redefines it is stopped", async () => {
    const app = createApp();
    app.register(byoSession, connection());
    app.addHook("onRequest", async (request) => void Object.defineProperty(request, "session", { value: {} }));
    app.get("/", async () => "in");
    expect((await (await listen(app)).fetch("/")).status).toBe(500);
  });
});

describe("a reset of the peer", () => {
  test("during the guard of @fastify/websocket ends nothing else", async () => {
    const link = await startTcpProxy(Number(new URL(sidecar.url).port));
    const app = createApp();
    await app.register(fastifyWebsocket);
    await app.register(byoSession, { ...connection(), url: `http://127.0.0.1:${link.port}` });
    app.get("/socket", { websocket: true, preValidation: requireSession() }, (socket) => socket.send("open"));
    app.get("/", async () => "alive");
    const browser = await listen(app);
    link.freeze();
    const headers = {
      ...{ "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" },
      cookie: `__Host-sessionToken=byo_sess_${"A".repeat(22)}.${"A".repeat(43)}`,
    };
    const socket = askForSocket(app.listeningOrigin, "/socket", headers).on("error", () => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    link.thaw();
    expect((await browser.fetch("/")).text).toBe("alive");
  });

  test("a function of the app's own that throws at an upgrade: the log has it, the peer 500", async () => {
    const lines: string[] = [];
    const app = Fastify({ logger: { level: "error", stream: { write: (line: string) => void lines.push(line) } } });
    stopAfterFile(() => app.close());
    app.register(byoSession, { ...connection(), publicUrl: fail });
    app.server.on("upgrade", async (req, socket) => {
      const opened = await authenticateUpgrade(req, { app });
      if (!opened.ok) socket.end(opened.response);
    });
    await listen(app);
    const [head] = await new Promise<string[]>((resolve) => {
      askForSocket(app.listeningOrigin, "/").on("data", (text) => resolve([String(text)]));
    });
    expect(head).toMatch(/^HTTP\/1.1 500 InternalError\r\n/);
    expect(lines.join()).toContain("on purpose");
  });
});
