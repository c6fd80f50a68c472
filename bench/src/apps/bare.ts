import express from "express";
import { listen } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";

/** Express alone: what every other contestant adds to. */
const app = express();
app.post("/login", (_req, res) => {
  res.cookie("nothing", COOKIE_VALUE).end();
});
app.get("/me", (_req, res) => {
  res.json({ userId: USER_ID });
});
listen(app);
