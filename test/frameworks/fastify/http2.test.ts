import { once } from "node:events";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { byoSession } from "@byo-session/fastify";
import { byoSession as koaSession } from "@byo-session/koa";
import Fastify from "fastify";
import Koa from "koa";
import { beforeAll, describe, expect, test } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTcpProxy, type TcpProxy } from "../../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const COOKIE = "__Host-sessionToken";
const UNTIL_ROTATION_SECS = 3700;

let sidecar: TestSidecar;
/** Between the app and the sidecar. */
let link: TcpProxy;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  link = await startTcpProxy(Number(new URL(sidecar.url).port));
});

const connection = () => ({ url: `http://127.0.0.1:${link.port}`, integrationKey: TEST_INTEGRATION_KEY });

async function fastifyApp(): Promise<string> {
  const app = Fastify({ http2: true });
  app.register(byoSession, connection());
  app.post("/login", ({ byo }) => byo.login({ userId: "ada" }));
  app.post("/login-and-go", ({ byo }) => byo.login({ userId: "gone" }));
  app.post("/login-then-wait", async ({ byo }) => {
    await byo.login({ userId: "left early" });
    await setTimeout(1000);
  });
  app.get("/me", async ({ session }, reply) => (session ? { session } : reply.code(401).send()));
  stopAfterFile(() => app.close());
  return app.listen({ port: 0, host: "127.0.0.1" });
}

async function koaApp(): Promise<string> {
  const app = new Koa();
  app.use(koaSession(connection()));
  app.use(async (ctx) => {
    if (ctx.path === "/login-and-go") ctx.body = await ctx.byo.login({ userId: "gone" });
    else if (ctx.path === "/login-then-wait") {
      await ctx.byo.login({ userId: "left early" });
      await setTimeout(1000);
    } else if (ctx.path === "/login") ctx.body = await ctx.byo.login({ userId: "ada" });
    else if (ctx.session) ctx.body = { session: ctx.session };
    else ctx.status = 401;
  });
  const server = createServer(app.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  stopAfterFile(async () => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One request over a connection of its own, with a name that its pseudo-header says. */
async function ask(url: string, headers: Record<string, string>) {
  const client = connect(url);
  const stream = client.request(headers);
  stream.end();
  const [answer] = await once(stream, "response");
  stream.setEncoding("utf8");
  let text = "";
  for await (const chunk of stream) text += chunk;
  client.close();
  return { status: Number(answer[":status"]), setCookies: [answer["set-cookie"] ?? []].flat(), text };
}

describe.each([
  ["Fastify", fastifyApp],
  ["Koa", koaApp],
])("%s over HTTP/2", (_name, start) => {
  test("the app's own origin is known by :authority", async () => {
    const url = await start();
    const login = { ":method": "POST", ":path": "/login", ":authority": "app.example" };
    expect((await ask(url, { ...login, origin: "https://app.example" })).status).toBe(200);
    expect((await ask(url, { ...login, ":authority": "APP.example:443", origin: "https://app.example" })).status).toBe(
      200,
    );
    expect((await ask(url, { ...login, origin: "https://evil.example" })).status).toBe(403);
    // The pseudo-header goes before a Host.
    const both = { ...login, host: "evil.example", origin: "https://evil.example" };
    expect((await ask(url, both)).status).toBe(403);
  });

  test("the cookie of a login and of a rotation arrive", async () => {
    const url = await start();
    const login = await ask(url, { ":method": "POST", ":path": "/login" });
    const [cookie = ""] = login.setCookies.map((line) => line.split(";")[0]);
    expect(cookie).toMatch(new RegExp(`^${COOKIE}=byo_sess_`));
    const me = { ":path": "/me", cookie };
    expect((await ask(url, me)).status).toBe(200);
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const rotated = await ask(url, me);
    expect([rotated.status, rotated.setCookies.length]).toEqual([200, 1]);
  });

  test("a stream that is reset during or after login(): no session is left", async () => {
    const url = await start();
    const count = async (userId: string) => (await sidecar.run("FetchAllSessionsForUser", { userId })).sessions.length;
    const client = connect(url);
    const send = (path: string) => client.request({ ":method": "POST", ":path": path }).on("error", () => {});

    link.freeze();
    const during = send("/login-and-go");
    await setTimeout(200);
    during.close(constants.NGHTTP2_CANCEL);
    await setTimeout(200);
    link.thaw();
    // Another login, on the same connection to the sidecar: the one before it is through by then.
    await ask(url, { ":method": "POST", ":path": "/login" });
    await expect.poll(() => count("gone")).toBe(0);

    const after = send("/login-then-wait");
    await expect.poll(() => count("left early")).toBe(1);
    after.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => count("left early")).toBe(0);
    client.close();
  });
});
