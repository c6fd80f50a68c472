import fastify from "fastify";
import { announce } from "./listen.ts";

/** Fastify alone. */
const app = fastify();
app.post("/login", (_request, reply) => reply.header("set-cookie", "nothing=1; Path=/").send());
app.get("/me", async () => ({ userId: "bench" }));
announce(Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port));
