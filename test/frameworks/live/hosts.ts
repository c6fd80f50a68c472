import type { createServer } from "node:http";
import type { Socket } from "node:net";
import type { SessionWatcher, UpgradeResult } from "@byo-session/core";
import { authenticateUpgrade as expressUpgrade, byoSession as forExpress } from "@byo-session/express";
import { byoSession as forFastify } from "@byo-session/fastify";
import { byoSession as forKoa, authenticateUpgrade as koaUpgrade } from "@byo-session/koa";
import { byoSession as forHono } from "@byo-session/web/hono";
import { authenticateUpgrade as honoUpgrade } from "@byo-session/web/node";
import fastifyWebsocket from "@fastify/websocket";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import Koa from "koa";
import { type WebSocket, WebSocketServer } from "ws";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { serve } from "../../harness/serve.ts";

export interface Connection {
  readonly url: string;
  readonly integrationKey: string;
  readonly hold: boolean;
}

/** An app that keeps a socket open at `/socket`, and a stream of events at any other path, until the session has ended. */
export type StartHost = (connection: Connection) => Promise<string>;

const EVENTS = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };

const closing = (ws: WebSocket): SessionWatcher => ({ onSessionEnd: ({ reason }) => ws.close(4401, reason) });

function openSockets(
  server: ReturnType<typeof createServer>,
  authenticate: (req: Parameters<typeof expressUpgrade>[0]) => Promise<UpgradeResult>,
): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", async (req, socket: Socket, head) => {
    const opened = await authenticate(req);
    if (!opened.ok) return void socket.end(opened.response);
    sockets.handleUpgrade(req, socket, head, (ws) => opened.watch(closing(ws)));
  });
}

const startExpress: StartHost = async (connection) => {
  const app = express();
  const sessions = forExpress(connection);
  app.use(sessions);
  app.get("/events", (req, res) => {
    res.writeHead(200, EVENTS).write("data: hello\n\n");
    req.byo.watch({ onSessionEnd: () => res.end() });
  });
  const { url, server } = await serve(app);
  openSockets(server, (req) => expressUpgrade(req, { app, sessions }));
  return url;
};

const startKoa: StartHost = async (connection) => {
  const app = new Koa();
  const sessions = forKoa(connection);
  app.use(sessions);
  app.use((ctx) => {
    ctx.respond = false;
    ctx.res.writeHead(200, EVENTS).write("data: hello\n\n");
    ctx.byo.watch({ onSessionEnd: () => ctx.res.end() });
  });
  const { url, server } = await serve(app.callback());
  openSockets(server, (req) => koaUpgrade(req, { app, sessions }));
  return url;
};

/** The socket goes through the routes, and `request.byo` is that of the request that opens it. */
const startFastify: StartHost = async (connection) => {
  const app = Fastify({ forceCloseConnections: true });
  stopAfterFile(() => app.close());
  await app.register(fastifyWebsocket);
  await app.register(forFastify, connection);
  app.get("/socket", { websocket: true }, (ws, request) => void request.byo.watch(closing(ws)));
  app.get("/events", (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, EVENTS).write("data: hello\n\n");
    request.byo.watch({ onSessionEnd: () => reply.raw.end() });
  });
  return app.listen({ port: 0, host: "127.0.0.1" });
};

const startHono: StartHost = async (connection) => {
  const app = new Hono();
  const sessions = forHono({ ...connection, clientIp: () => undefined });
  app.use(sessions);
  app.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: "hello" });
      await new Promise((onSessionEnd) => c.get("byo").watch({ onSessionEnd }));
    }),
  );
  const { url, server } = await serve(getRequestListener(app.fetch));
  openSockets(server, (req) => honoUpgrade(req, { sessions }));
  return url;
};

export const HOSTS: readonly (readonly [name: string, start: StartHost])[] = [
  ["Express", startExpress],
  ["Koa", startKoa],
  ["Fastify with @fastify/websocket", startFastify],
  ["Hono", startHono],
];
