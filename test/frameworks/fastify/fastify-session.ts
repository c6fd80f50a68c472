import { createRequire } from "node:module";
import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";

// Loaded without its types, because they claim `request.session` in the whole TypeScript program.
const original = createRequire(import.meta.url)("@fastify/session");

/** @fastify/session as most apps set it up; it needs @fastify/cookie. */
export const fastifySession = fastifyPlugin(async (app: FastifyInstance) => {
  await app.register(original, { secret: "a secret of the test, of 32 letters", cookie: { secure: false } });
});
