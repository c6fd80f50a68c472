import fastify from "fastify";
import { announce } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";
import { endOfTick, TOGETHER } from "./together.ts";

/** Fastify alone. */
const app = fastify();
if (TOGETHER) app.addHook("onRequest", endOfTick);
app.post("/login", (_request, reply) => reply.header("set-cookie", `nothing=${COOKIE_VALUE}; Path=/`).send());
app.get("/me", async () => ({ userId: USER_ID }));
announce(Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port));
