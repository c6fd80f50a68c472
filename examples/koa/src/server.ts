import { byoSession, requireSession, safeReturnTo } from "@byo-session/koa";
import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa, { type Context } from "koa";
import { accountPage, homePage, loginPage } from "./pages.ts";

const { PORT = "3000", HOST = "127.0.0.1", TRUSTED_PROXIES = "0" } = process.env;
const app = new Koa({ proxy: TRUSTED_PROXIES !== "0", maxIpsCount: Number(TRUSTED_PROXIES) });
const router = new Router();

app.use(async (ctx, next) => {
  ctx.set("Content-Security-Policy", "default-src 'none'; form-action 'self'");
  await next();
});
// Everything below knows the user.
app.use(byoSession({ loginUrl: "/login", routes: { prefix: "/session" } }));
app.use(bodyParser({ enableTypes: ["form"], formLimit: "4kb" }));
app.use(router.routes()).use(router.allowedMethods());

router.get("/", (ctx) => {
  ctx.body = homePage(ctx.session);
});

router.get("/login", (ctx) => {
  ctx.body = loginPage(safeReturnTo(ctx.query.returnTo), String(ctx.query.reason ?? ""));
});

router.post("/login", async (ctx) => {
  const name = field(ctx, "name").trim();
  if (name === "" || name.length > 100) {
    ctx.status = 400;
    ctx.body = loginPage("/", "no name");
    return;
  }
  await ctx.byo.login({ userId: name });
  goTo(ctx, safeReturnTo(field(ctx, "returnTo")));
});

router.get("/account", requireSession(), async (ctx) => {
  const { length } = await ctx.byo.listSessions();
  if (ctx.session) ctx.body = accountPage(ctx.session, length);
});

router.post("/logout-others", requireSession(), async (ctx) => {
  await ctx.byo.logoutOthers();
  goTo(ctx, "/account");
});

function field(ctx: Context, name: string): string {
  return String(Reflect.get(Object(ctx.request.body), name) ?? "");
}

function goTo(ctx: Context, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}

const server = app.listen(Number(PORT), HOST);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
