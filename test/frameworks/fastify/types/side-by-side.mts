import { byoSession, requireSession, type Session } from "@byo-session/fastify/side-by-side";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify from "fastify";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

declare module "fastify" {
  interface Session {
    cart: string[];
  }
}

const app = Fastify();
await app.register(fastifyCookie);
await app.register(fastifySession, { secret: "a secret of at least 32 characters" });
await app.register(byoSession);

app.get("/me", { preHandler: requireSession() }, async (request) => {
  holds<Equal<typeof request.byo.session, Session | null>>();
  request.session.cart = ["book"];
  // @ts-expect-error the other library's session has no user
  request.session.userId;
  await request.session.destroy();
  return request.byo.session?.userId;
});
