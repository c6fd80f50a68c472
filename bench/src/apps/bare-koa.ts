import Koa from "koa";
import { listen } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";
import { endOfTick, TOGETHER } from "./together.ts";

/** Koa alone. */
const app = new Koa();
if (TOGETHER) app.use((_ctx, next) => endOfTick().then(next));
app.use((ctx) => {
  if (ctx.path === "/login") ctx.set("set-cookie", `nothing=${COOKIE_VALUE}; Path=/`);
  ctx.body = { userId: USER_ID };
});
listen(app);
