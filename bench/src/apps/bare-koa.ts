import Koa from "koa";
import { listen } from "./listen.ts";

/** Koa alone. */
const app = new Koa();
app.use((ctx) => {
  if (ctx.path === "/login") ctx.set("set-cookie", "nothing=1; Path=/");
  ctx.body = { userId: "bench" };
});
listen(app);
