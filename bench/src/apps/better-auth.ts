import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders } from "better-auth/node";
import express from "express";
import pg from "pg";
import { listen } from "./listen.ts";

/**
 * better-auth set up as in its Express guide. `COOKIE_CACHE=on`: trusts a signed copy of the session for five minutes.
 */
const auth = betterAuth({
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  secret: "a secret for the benchmark only",
  baseURL: "http://127.0.0.1",
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  // Only requests with sessions are measured, so the login need not be slow.
  emailAndPassword: {
    enabled: true,
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  session: { cookieCache: { enabled: process.env.COOKIE_CACHE === "on", maxAge: 300 } },
});
await (await getMigrations(auth.options)).runMigrations();

const app = express();
app.post("/login", async (_req, res) => {
  const user = { email: `${crypto.randomUUID()}@example.com`, password: "a password", name: "bench" };
  const { headers } = await auth.api.signUpEmail({ body: user, returnHeaders: true });
  res.setHeader("set-cookie", headers.getSetCookie()).end();
});
app.get("/me", async (req, res) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
  if (session === null) res.status(401).end();
  else res.json({ userId: session.user.id });
});
listen(app);
