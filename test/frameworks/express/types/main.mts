import { createClient } from "@byo-session/core";
import { byoSession, corsHeaders, requireSession, type Session, type SessionActions } from "@byo-session/express";
import { createClient as createOfficialClient } from "@propelauth/byo-node";
import express from "express";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

const app = express();
app.use(byoSession());
app.use(byoSession({ url: "http://127.0.0.1:2884", integrationKey: "api_key", cookie: { sameSite: "strict" } }));
app.use(byoSession({ client: createOfficialClient({ url: "http://127.0.0.1:2884", integrationKey: "api_key" }) }));
app.use(byoSession({ client: createClient({ url: "http://127.0.0.1:2884", integrationKey: "api_key" }) }));
app.use(byoSession({ skip: (req) => req.path === "/x", publicUrl: (req) => `https://${req.hostname}` }));
app.use(byoSession({ legacySession: (req) => ({ userId: req.ip ?? "", legacyId: "1", metadata: { a: [1, null] } }) }));

// @ts-expect-error an option that does not exist
app.use(byoSession({ lazzy: true }));
// @ts-expect-error durations are numbers of milliseconds
app.use(byoSession({ timeoutMs: "2s" }));
// @ts-expect-error the session cookie is always HttpOnly
app.use(byoSession({ cookie: { httpOnly: false } }));
// @ts-expect-error a client that does not speak the contract
app.use(byoSession({ client: { session: {} } }));

app.get("/me", requireSession({ tags: ["role:admin"], device: "proof", maxAuthAgeSecs: 300 }), async (req, res) => {
  holds<Equal<typeof req.session, Session | null>>();
  holds<Equal<typeof req.byo, SessionActions>>();
  // @ts-expect-error there may be none
  req.session.userId;
  if (!req.session) return;
  holds<Equal<typeof req.session.userId, string>>();
  holds<Equal<typeof req.session.tags, readonly string[]>>();
  // @ts-expect-error the session is read only
  req.session.userId = "root";
  // @ts-expect-error in its depth too
  req.session.tags.push("role:admin");

  const session = await req.byo.login({
    userId: "ada",
    tags: ["plan:pro"],
    metadata: { theme: "dark" },
    persistent: false,
  });
  holds<Equal<typeof session, Session>>();
  holds<Equal<Awaited<ReturnType<SessionActions["getSession"]>>, Session | null>>();
  await req.byo.update({ metadata: null });
  // @ts-expect-error tags carry policy, and have an action of their own
  await req.byo.update({ tags: ["role:admin"] });
  // @ts-expect-error whose session it is must be said
  await req.byo.login({});
  res.set(corsHeaders(req)).json(session);
});

// @ts-expect-error a requirement that does not exist
requireSession({ tag: "role:admin" });
