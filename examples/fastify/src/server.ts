import { byoSession, requireSession, safeReturnTo } from "@byo-session/fastify";
import formBody from "@fastify/formbody";
import Fastify from "fastify";
import { accountPage, homePage, loginPage } from "./pages.ts";

const { PORT = "3000", HOST = "127.0.0.1", TRUSTED_PROXIES } = process.env;
const app = Fastify({ trustProxy: TRUSTED_PROXIES ?? false });
await app.register(formBody);

// Everything registered below knows the user.
await app.register(byoSession, { loginUrl: "/login", routes: { prefix: "/session" } });
app.addHook("onRequest", async (_request, reply) => {
  reply.header("content-security-policy", "default-src 'none'; form-action 'self'");
});

app.get("/", async ({ session }, reply) => reply.type("text/html; charset=utf-8").send(homePage(session)));

app.get<{ Querystring: { returnTo?: string; reason?: string } }>("/login", async ({ query }, reply) => {
  reply.type("text/html; charset=utf-8");
  return loginPage(safeReturnTo(query.returnTo), query.reason ?? "");
});

app.post<{ Body: { name?: string; returnTo?: string } | undefined }>("/login", async (request, reply) => {
  const name = String(request.body?.name ?? "").trim();
  if (name === "" || name.length > 100)
    return reply.code(400).type("text/html; charset=utf-8").send(loginPage("/", "no name"));
  await request.byo.login({ userId: name });
  return reply.redirect(safeReturnTo(request.body?.returnTo), 303);
});

app.get("/account", { preHandler: requireSession() }, async ({ session, byo }, reply) => {
  const { length } = await byo.listSessions();
  return session && reply.type("text/html; charset=utf-8").send(accountPage(session, length));
});

app.post("/logout-others", { preHandler: requireSession() }, async ({ byo }, reply) => {
  await byo.logoutOthers();
  return reply.redirect("/account", 303);
});

await app.listen({ port: Number(PORT), host: HOST });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());
