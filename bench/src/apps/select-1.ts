import express from "express";
import pg from "pg";
import { listen } from "./listen.ts";

/** The minimum cost of anything that uses a database: one statement without a table per request. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
app.post("/login", (_req, res) => {
  res.cookie("nothing", "1").end();
});
app.get("/me", async (_req, res) => {
  await pool.query({ name: "one", text: "SELECT 1" });
  res.json({ userId: "bench" });
});
listen(app);
