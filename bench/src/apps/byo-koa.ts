import { byoSession } from "@byo-session/koa";
import Koa from "koa";
import { listen } from "./listen.ts";

/** Ours on Koa, as `byo.ts` is on Express. */
const app = new Koa();
app.use(byoSession({ hold: process.env.HOLD !== "off" }));
app.use(async (ctx) => {
  if (ctx.path === "/login") await ctx.byo.login({ userId: `bench-${crypto.randomUUID()}` });
  else if (!ctx.session) ctx.throw(401);
  ctx.body = { userId: ctx.session?.userId };
});
listen(app);
