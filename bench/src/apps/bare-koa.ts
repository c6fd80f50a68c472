import Koa from "koa";
import { listen } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";

/** Koa alone. */
const app = new Koa();
app.use((ctx) => {
  if (ctx.path === "/login") ctx.set("set-cookie", `nothing=${COOKIE_VALUE}; Path=/`);
  ctx.body = { userId: USER_ID };
});
listen(app);
