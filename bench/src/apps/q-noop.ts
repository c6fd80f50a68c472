import express from "express";
import { listen } from "./listen.ts";
const app = express();
app.use((_req, _res, next) => { setImmediate(next); });
app.get("/me", (_req, _res, next) => { next(); }, (req, res) => { res.json({ userId: "bench" }); });
listen(app);
