import express from "express";
import session from "express-session";
import { listen } from "./listen.ts";

declare module "express-session" {
  interface SessionData {
    userId: string;
  }
}

/** express-session as it comes, in this process's memory: no store to ask, and no other process that knows a session. */
const app = express();
app.use(
  session({
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
