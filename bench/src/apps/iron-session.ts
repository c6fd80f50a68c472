import express from "express";
import { getIronSession } from "iron-session";
import { listen } from "./listen.ts";

/** The session is the cookie, encrypted: no store, and no way to end one before its time. */
const OPTIONS = {
  cookieName: "bench",
  password: "a password of the benchmark, 32 characters or more",
  cookieOptions: { secure: false },
};
const app = express();
app.post("/login", async (req, res) => {
  const session = await getIronSession<{ userId?: string }>(req, res, OPTIONS);
  session.userId = "bench";
  await session.save();
  res.end();
});
app.get("/me", async (req, res) => {
  const { userId } = await getIronSession<{ userId?: string }>(req, res, OPTIONS);
  if (userId === undefined) res.status(401).end();
  else res.json({ userId });
});
listen(app);
