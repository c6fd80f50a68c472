import { byoSession, requireSession } from "@byo-session/fastify/side-by-side";
import fastify from "fastify";
import { announce } from "./listen.ts";

/** Ours on Fastify, as `byo.ts` is on Express. */
const app = fastify();
await app.register(byoSession, { hold: process.env.HOLD !== "off" });
app.post("/login", async (request) => {
  await request.byo.login({ userId: `bench-${crypto.randomUUID()}` });
  return {};
});
app.get("/me", { preHandler: requireSession() }, async (request) => ({ userId: request.byo.session?.userId }));
announce(Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port));
