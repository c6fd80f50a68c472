import { byoSession } from "@byo-session/express/side-by-side";
import express from "express";
import { listen } from "./listen.ts";
const app = express();
app.use(byoSession({ lazy: true }));
app.get("/me", (req, res) => { res.json({ userId: "bench" }); });
listen(app);
