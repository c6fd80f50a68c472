import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";
import { listen } from "./listen.ts";

declare module "express-session" {
  interface SessionData {
    userId: string;
  }
}

/** The usual setup of express-session on Redis: each request reads the session and extends its lifetime. */
const client = createClient({ url: process.env.REDIS_URL });
await client.connect();
const app = express();
app.use(
  session({
    store: new RedisStore({ client }),
    secret: "a secret of the benchmark",
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 14 * 24 * 3600 * 1000 },
  }),
);
app.post("/login", (req, res) => {
  req.session.userId = "bench";
  res.end();
});
app.get("/me", (req, res) => {
  if (!req.session.userId) res.status(401).end();
  else res.json({ userId: req.session.userId });
});
listen(app);
