import connectPgSimple from "connect-pg-simple";
import express from "express";
import session from "express-session";
import pg from "pg";
import { listen } from "./listen.ts";

declare module "express-session" {
  interface SessionData {
    userId: string;
  }
}

/** The usual setup of express-session on Postgres. `TOUCH=off`: without a write at every request. */
const PgStore = connectPgSimple(session);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
app.use(
  session({
    store: new PgStore({
      pool,
      createTableIfMissing: true,
      disableTouch: process.env.TOUCH === "off",
      pruneSessionInterval: false,
    }),
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
