import { byoSession, corsHeaders, requireSession, type Session, type SessionActions } from "@byo-session/koa";
import Router from "@koa/router";
import { createClient as createOfficialClient } from "@propelauth/byo-node";
import Koa from "koa";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

const app = new Koa();
app.use(byoSession());
app.use(byoSession({ url: "http://127.0.0.1:2884", integrationKey: "api_key", cookie: { sameSite: "strict" } }));
app.use(byoSession({ client: createOfficialClient({ url: "http://127.0.0.1:2884", integrationKey: "api_key" }) }));
app.use(byoSession({ skip: (ctx) => ctx.path === "/x", publicUrl: (ctx) => `https://${ctx.hostname}` }));

// @ts-expect-error an option that does not exist
app.use(byoSession({ lazzy: true }));
// @ts-expect-error durations are numbers of milliseconds
app.use(byoSession({ timeoutMs: "2s" }));

const router = new Router();
router.get("/me", requireSession({ tags: ["role:admin"], device: "proof" }), async (ctx) => {
  holds<Equal<typeof ctx.session, Session | null>>();
  holds<Equal<typeof ctx.state.session, Session | null>>();
  holds<Equal<typeof ctx.byo, SessionActions>>();
  // @ts-expect-error there may be none
  ctx.session.userId;
  if (!ctx.session) return;
  holds<Equal<typeof ctx.session.userId, string>>();
  // @ts-expect-error the session is read only
  ctx.session.userId = "root";
  const session = await ctx.byo.login({ userId: "ada", metadata: { theme: "dark" } });
  holds<Equal<typeof session, Session>>();
  // @ts-expect-error whose session it is must be said
  await ctx.byo.login({});
  ctx.set(corsHeaders(ctx));
  ctx.body = session;
});
app.use(router.routes());

app.use((ctx) => {
  holds<Equal<typeof ctx.session, Session | null>>();
  ctx.body = ctx.state.session?.userId;
});
