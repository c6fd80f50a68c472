import { byoSession, requireSession, type Session } from "@byo-session/koa/side-by-side";
import Router from "@koa/router";
import Koa from "koa";
import { createSession } from "koa-session";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

declare module "koa" {
  interface DefaultContext {
    /** As an app that uses the other library describes its session. */
    session: { cart?: string[] } | null;
  }
}

const app = new Koa();
app.use(createSession({}, app));
app.use(byoSession());

const router = new Router();
router.get("/me", requireSession(), (ctx) => {
  holds<Equal<typeof ctx.byo.session, Session | null>>();
  ctx.session = { cart: ["book"] };
  // @ts-expect-error the other library's session has no user
  ctx.session.userId;
  ctx.body = ctx.byo.session?.userId;
});
app.use(router.routes());
