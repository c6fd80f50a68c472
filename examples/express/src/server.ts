import { byoSession, requireSession, safeReturnTo } from "@byo-session/express";
import express from "express";
import { accountPage, explanationOf, homePage, loginPage, sessionsPage } from "./pages.ts";

const { PORT = "3000", HOST = "127.0.0.1" } = process.env;
const app = express();

app.disable("x-powered-by");
app.use(express.static(new URL("../public", import.meta.url).pathname));
app.use(express.urlencoded({ extended: false, limit: "4kb" }));

// Everything below knows who is there.
app.use(byoSession({ loginUrl: "/login" }));

app.get("/", (req, res) => {
  res.send(homePage(req.session));
});

app.get("/login", (req, res) => {
  res.send(loginPage(safeReturnTo(req.query.returnTo), explanationOf(req.query.reason)));
});

app.post("/login", async (req, res) => {
  const name = String(req.body?.name ?? "").trim();
  if (name === "" || name.length > 100) {
    res.status(400).send(loginPage("/", "Please enter a name of at most 100 characters."));
    return;
  }
  await req.byo.login({ userId: name });
  res.redirect(303, safeReturnTo(req.body.returnTo));
});

app.post("/logout", async (req, res) => {
  await req.byo.logout();
  res.redirect(303, "/");
});

app.get("/account", requireSession(), (req, res) => {
  if (req.session) res.send(accountPage(req.session, generationOf(req.headers.cookie)));
});

app.get("/sessions", requireSession(), async (req, res) => {
  res.send(sessionsPage(await req.byo.listSessions()));
});

app.post("/sessions/end-others", requireSession(), async (req, res) => {
  await req.byo.logoutOthers();
  res.redirect(303, "/sessions");
});

app.post("/sessions/:sessionId/end", requireSession(), async (req, res) => {
  await req.byo.revoke(String(req.params.sessionId));
  res.redirect(303, "/sessions");
});

/** The number of the token in its session, which it carries in clear: to show what rotation does, for nothing else. */
function generationOf(cookieHeader: string | undefined): number | undefined {
  const hex = /essionToken=byo_sess_[\w-]{22}\.([0-9a-f]{8})\./.exec(cookieHeader ?? "")?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

const server = app.listen(Number(PORT), HOST);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
