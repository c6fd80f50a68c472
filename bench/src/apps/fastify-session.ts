import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import fastify from "fastify";
import pg from "pg";
import { announce } from "./listen.ts";

declare module "fastify" {
  interface Session {
    userId?: string;
  }
}

/** @fastify/session with express-session's store: the counterpart on Fastify. */
const PgStore = connectPgSimple(session);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = fastify();
await app.register(fastifyCookie);
await app.register(fastifySession, {
  store: new PgStore({ pool, createTableIfMissing: true, disableTouch: true, pruneSessionInterval: false }),
  secret: "a secret of the benchmark, of 32 characters",
  saveUninitialized: false,
  rolling: false,
  cookie: { secure: false, maxAge: 14 * 24 * 3600 * 1000 },
});
app.post("/login", async (request) => {
  request.session.userId = "bench";
  return {};
});
app.get("/me", async (request, reply) => {
  if (!request.session.userId) return reply.code(401).send();
  return { userId: request.session.userId };
});
announce(Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port));
