import express from "express";
import { listen } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";
import { endOfTick, TOGETHER } from "./together.ts";

/** Express alone: what every other contestant adds to. */
const app = express();
if (TOGETHER) app.use((_req, _res, next) => void endOfTick().then(next));
app.post("/login", (_req, res) => {
  res.cookie("nothing", COOKIE_VALUE).end();
});
app.get("/me", (_req, res) => {
  res.json({ userId: USER_ID });
});
listen(app);
