import { byoSession, requireSession, safeReturnTo } from "@byo-session/express";
import express, { type Request, type Response } from "express";
import { buildPageScript } from "./page-script.ts";
import { accountPage, bindPage, explanationOf, homePage, loginPage, sessionsPage } from "./pages.ts";

const { PORT = "3000", HOST = "127.0.0.1" } = process.env;
const { PUBLIC_URL = `http://localhost:${PORT}`, TRUSTED_PROXIES = "0" } = process.env;
const app = express();
const pageScript = await buildPageScript();
/** Sessions whose login came from a device that the user had not used before. */
const fromNewDevices = new Set<string>();
const notesOf = new Map<string, string[]>();

app.disable("x-powered-by");
app.set("trust proxy", Number(TRUSTED_PROXIES));
app.use(express.static(new URL("../public", import.meta.url).pathname));
app.get("/page.js", (_req, res) => {
  res.type("text/javascript").send(pageScript);
});
app.use(express.urlencoded({ extended: false, limit: "4kb" }));

// Everything below knows the user.
app.use(
  byoSession({
    loginUrl: "/login",
    publicUrl: PUBLIC_URL,
    // A browser loads pages and submits forms without a proof. Routes that need one say so themselves.
    device: "recent",
    routes: { prefix: "/session" },
    onNewDevice: ({ sessionId }) => void fromNewDevices.add(sessionId),
  }),
);

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
  const { hasDeviceRegistered } = await req.byo.login({ userId: name, rememberDevice: req.body.remember === "yes" });
  const returnTo = safeReturnTo(req.body.returnTo);
  const isToBind = req.body.device === "yes" && !hasDeviceRegistered;
  goTo(req, res, isToBind ? `/bind?${new URLSearchParams({ returnTo })}` : returnTo);
});

app.get("/bind", requireSession(), (req, res) => {
  res.send(bindPage(safeReturnTo(req.query.returnTo)));
});

app.get("/account", requireSession(), (req, res) => {
  const { session } = req;
  if (!session) return;
  const isNewDevice = fromNewDevices.delete(session.sessionId);
  const notes = notesOf.get(session.userId) ?? [];
  res.send(accountPage(session, { generation: generationOf(req.headers.cookie), isNewDevice, notes }));
});

app.get("/sessions", requireSession(), async (req, res) => {
  res.send(sessionsPage(await req.byo.listSessions()));
});

app.post("/sessions/end-others", requireSession(), async (req, res) => {
  await req.byo.logoutOthers();
  goTo(req, res, "/sessions");
});

app.post("/sessions/:sessionId/end", requireSession(), async (req, res) => {
  await req.byo.revoke(String(req.params.sessionId));
  goTo(req, res, "/sessions");
});

app.get("/api/secret", requireSession({ device: "proof" }), (req, res) => {
  res.json({ secret: `only for ${req.session?.userId}, on this device` });
});

app.post("/notes", requireSession(), (req, res) => {
  const userId = req.session?.userId ?? "";
  notesOf.set(userId, [...(notesOf.get(userId) ?? []), String(req.body?.text ?? "")].slice(-20));
  goTo(req, res, "/account");
});

/** A script that submitted the form gets the URL to go to; a browser that submitted it is redirected. */
function goTo(req: Request, res: Response, path: string): void {
  if (req.headers.accept === "application/json") res.json({ next: path });
  else res.redirect(303, path);
}

/** The token's number in its session, which is not secret. Only to show what rotation does. */
function generationOf(cookieHeader: string | undefined): number | undefined {
  const hex = /essionToken=byo_sess_[\w-]{22}\.([0-9a-f]{8})\./.exec(cookieHeader ?? "")?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

const server = app.listen(Number(PORT), HOST);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
