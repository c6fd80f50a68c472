import express from "express";
import { listen } from "./listen.ts";

/** Express alone: what every other contestant adds to. */
const app = express();
app.post("/login", (_req, res) => {
  res.cookie("nothing", "1").end();
});
app.get("/me", (_req, res) => {
  res.json({ userId: "bench" });
});
listen(app);
