import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byoSession } from "@byo-session/express";
import { byoSession as fastifySession } from "@byo-session/fastify";
import { byoSession as koaSession } from "@byo-session/koa";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import { Client } from "undici";
import { beforeAll, expect, test } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { tags: [{ tag: "test:office", ip_allowlist: ["203.0.113.0/24"] }] } });
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

interface Login {
  userId: string;
  tags?: string[];
}

async function listen(socketPath: string, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(socketPath);
  await once(server, "listening");
  stopAfterFile(async () => void server.close());
}

const apps: Record<string, (socketPath: string) => Promise<unknown>> = {
  Express(socketPath) {
    const app = express().set("trust proxy", "loopback").use(byoSession(connection()), express.json());
    app.post("/login", async (req, res) => void res.json(await req.byo.login(req.body)));
    return listen(socketPath, app);
  },
  Fastify(path) {
    const app = Fastify({ trustProxy: "127.0.0.1" });
    app.register(fastifySession, connection());
    app.post<{ Body: Login }>("/login", ({ byo, body }) => byo.login(body));
    stopAfterFile(() => app.close());
    return app.listen({ path });
  },
  Koa(socketPath) {
    const app = new Koa({ proxy: true, maxIpsCount: 1 }).use(koaSession(connection()));
    app.use(async (ctx) => {
      let body = "";
      for await (const chunk of ctx.req) body += chunk;
      ctx.body = await ctx.byo.login(JSON.parse(body));
    });
    return listen(socketPath, app.callback());
  },
};

test.each(Object.keys(apps))(
  "%s on a Unix socket: nobody has an address, and only a rule asks for one",
  async (name) => {
    const socketPath = join(tmpdir(), `byo-app-${process.pid}-${name}.sock`);
    await apps[name]?.(socketPath);
    const client = new Client("http://app.example", { socketPath });
    stopAfterFile(() => client.close());
    const logIn = async (login: Login) => {
      const headers = { "content-type": "application/json" };
      const answer = await client.request({ method: "POST", path: "/login", headers, body: JSON.stringify(login) });
      return { status: answer.statusCode, body: await answer.body.json() };
    };
    const userId = `socket-${name}`;
    expect(await logIn({ userId })).toMatchObject({ status: 200, body: { userId } });
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
    expect(sessions.map(({ ipAddress }) => ipAddress)).toEqual([undefined]);
    expect(await logIn({ userId, tags: ["test:office"] })).toEqual({
      status: 403,
      body: { errorType: "Forbidden", reason: "IpAddressError" },
    });
  },
);
