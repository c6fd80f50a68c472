import type { SessionClient, SessionRequirements } from "@byo-session/core";
import * as onExpress from "@byo-session/express";
import * as onFastify from "@byo-session/fastify";
import * as onKoa from "@byo-session/koa";
import { createSessions } from "@byo-session/next";
import { createSessions as createWebSessions } from "@byo-session/web";
import * as onH3 from "@byo-session/web/h3";
import * as onHono from "@byo-session/web/hono";
import Router from "@koa/router";
import express from "express";
import fastify from "fastify";
import { H3 } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import inject from "light-my-request";
import { NextRequest } from "next/server.js";
import request from "supertest";

export interface Answer {
  status: number;
  body: unknown;
  headers: Record<string, unknown>;
}

/** Asks a small app of a framework: `GET /me` needs a session, `GET /admin` the role, `GET /vault` a proof, `GET /page` a recent one; `GET /poll` is no activity; nobody acts as a user at `GET /private`. */
export type Ask = (path: string, headers?: Record<string, string>) => Promise<Answer>;

const PUBLIC_URL = "https://app.example.com";
const NEEDS = {
  "/me": {},
  "/admin": { tags: ["role:admin"] },
  "/vault": { device: "proof" },
  "/page": { device: "recent" },
  "/poll": { activity: false },
  "/private": { impersonation: "refuse" },
} as const;

function onlyAsked(listener: Parameters<typeof inject>[0]): Ask {
  return async (url, headers = {}) => toAnswer(await inject(listener, { url, headers }));
}

async function ofResponse(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.json(), headers: Object.fromEntries(response.headers) };
}

function toAnswer(answer: { statusCode: number; payload: string; headers: Record<string, unknown> }): Answer {
  return { status: answer.statusCode, body: JSON.parse(answer.payload), headers: answer.headers };
}

export const FRAMEWORKS: readonly (readonly [name: string, start: (client: SessionClient) => Promise<Ask>])[] = [
  [
    "Express",
    async (client) => {
      const app = express();
      app.use(onExpress.byoSession({ client, publicUrl: PUBLIC_URL }));
      app.get("/login", async (req, res) => res.json(await req.byo.login({ userId: "ada" })));
      app.get("/open", (req, res) => res.json(req.session));
      for (const [path, needs] of Object.entries(NEEDS)) {
        app.get(path, onExpress.requireSession(needs), (req, res) => res.json(req.session));
      }
      return async (path, headers = {}) => {
        const { status, text, headers: answered } = await request(app).get(path).set(headers);
        return { status, body: JSON.parse(text), headers: answered };
      };
    },
  ],
  [
    "Fastify",
    async (client) => {
      const app = fastify();
      await app.register(onFastify.byoSession, { client, publicUrl: PUBLIC_URL });
      app.get("/login", (request) => request.byo.login({ userId: "ada" }));
      app.get("/open", async (request, reply) => reply.type("application/json").send(JSON.stringify(request.session)));
      for (const [path, needs] of Object.entries(NEEDS)) {
        app.get(path, { preHandler: onFastify.requireSession(needs) }, async (request) => request.session);
      }
      return async (url, headers = {}) => toAnswer(await app.inject({ url, headers }));
    },
  ],
  [
    "Koa",
    async (client) => {
      const app = new Koa();
      const router = new Router();
      app.use(onKoa.byoSession({ client, publicUrl: PUBLIC_URL }));
      router.get("/login", async (ctx) => {
        ctx.body = await ctx.byo.login({ userId: "ada" });
      });
      router.get("/open", (ctx) => {
        ctx.body = JSON.stringify(ctx.state.session);
      });
      for (const [path, needs] of Object.entries(NEEDS)) {
        router.get(path, onKoa.requireSession(needs), (ctx) => {
          ctx.body = ctx.state.session;
        });
      }
      app.use(router.routes());
      return onlyAsked(app.callback());
    },
  ],
  [
    "Next",
    async (client) => {
      const { withByo, withSession } = createSessions({ client, publicUrl: PUBLIC_URL });
      const routes = new Map([
        ["/login", withByo(async (_request, { byo }) => Response.json(await byo.login({ userId: "ada" })))],
        ["/open", withByo((_request, { byo }) => Response.json(byo.session))],
      ]);
      for (const [path, needs] of Object.entries(NEEDS)) {
        routes.set(
          path,
          withSession((_request, { session }) => Response.json(session), needs),
        );
      }
      return async (path, headers = {}) => {
        const request = new NextRequest(PUBLIC_URL + path, { headers });
        const answer = await routes.get(path)?.(request, { params: Promise.resolve({}) });
        if (!answer) throw new Error(`no route at ${path}`);
        return ofResponse(answer);
      };
    },
  ],
  [
    "Hono",
    async (client) => {
      const app = new Hono();
      app.use(onHono.byoSession({ client, publicUrl: PUBLIC_URL }));
      app.get("/login", async (c) => c.json(await c.var.byo.login({ userId: "ada" })));
      app.get("/open", (c) => c.json(c.get("session")));
      for (const [path, needs] of Object.entries(NEEDS)) {
        app.get(path, onHono.requireSession(needs), (c) => c.json(c.get("session")));
      }
      return async (path, headers = {}) => ofResponse(await app.request(PUBLIC_URL + path, { headers }));
    },
  ],
  [
    "h3",
    async (client) => {
      const app = new H3();
      app.use(onH3.byoSession({ client, publicUrl: PUBLIC_URL }));
      app.get("/login", ({ context }) => context.byo.login({ userId: "ada" }));
      app.get("/open", ({ context }) => Response.json(context.session));
      for (const [path, needs] of Object.entries(NEEDS)) {
        app.get(path, ({ context }) => context.session, { middleware: [onH3.requireSession(needs)] });
      }
      return async (path, headers = {}) => ofResponse(await app.request(PUBLIC_URL + path, { headers }));
    },
  ],
  [
    "a host of its own",
    async (client) => {
      const sessions = createWebSessions({ client, publicUrl: PUBLIC_URL });
      const needsOf = new Map<string, SessionRequirements>(Object.entries(NEEDS));
      async function handle(request: Request): Promise<Response> {
        const path = new URL(request.url).pathname;
        if (path === "/login") return Response.json(await sessions.byo(request).login({ userId: "ada" }));
        const needs = needsOf.get(path);
        return (needs && (await sessions.guard(request, needs))) ?? Response.json(sessions.session(request));
      }
      return async (path, headers = {}) => {
        const request = new Request(PUBLIC_URL + path, { headers });
        return ofResponse(await sessions.run(request, request, () => handle(request)));
      };
    },
  ],
];
