import express from "express";
import { createEndOfTick } from "../../../core/src/sidecar/holds/end-of-tick.ts";
import { listen } from "./listen.ts";
import { COOKIE_VALUE, USER_ID } from "./stand-ins.ts";

/** Express alone, but for the order in which it takes the requests of one turn of the event loop. */
const app = express();
const endOfTick = createEndOfTick();
app.use((_req, _res, next) => void endOfTick().then(next));
app.post("/login", (_req, res) => {
  res.cookie("nothing", COOKIE_VALUE).end();
});
app.get("/me", (_req, res) => {
  res.json({ userId: USER_ID });
});
listen(app);
