import { byoSession, corsHeaders, requireSession, type Session, type SessionActions } from "@byo-session/fastify";
import { createClient as createOfficialClient } from "@propelauth/byo-node";
import Fastify, { type FastifyRequest } from "fastify";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

const app = Fastify();
app.register(byoSession);
app.register(byoSession, { url: "http://127.0.0.1:2884", integrationKey: "api_key", cookie: { sameSite: "strict" } });
app.register(byoSession, { client: createOfficialClient({ url: "http://127.0.0.1:2884", integrationKey: "api_key" }) });
app.register(byoSession, {
  skip: (request) => {
    holds<Equal<typeof request, FastifyRequest>>();
    return request.url === "/x";
  },
});

// @ts-expect-error an option that does not exist
app.register(byoSession, { lazzy: true });
// @ts-expect-error durations are numbers of milliseconds
app.register(byoSession, { timeoutMs: "2s" });

app.get(
  "/both",
  { onRequest: requireSession(), preHandler: [requireSession({ maxAuthAgeSecs: 300 })] },
  async () => "",
);
app.get<{ Params: { id: string } }>("/of/:id", { preHandler: requireSession() }, async ({ params }) => params.id);

app.get("/me", { preHandler: requireSession({ tags: ["role:admin"], device: "proof" }) }, async (request, reply) => {
  holds<Equal<typeof request.session, Session | null>>();
  holds<Equal<typeof request.byo, SessionActions>>();
  // @ts-expect-error there may be none
  request.session.userId;
  if (!request.session) return null;
  holds<Equal<typeof request.session.userId, string>>();
  // @ts-expect-error the session is read only
  request.session.userId = "root";
  const session = await request.byo.login({ userId: "ada", metadata: { theme: "dark" } });
  holds<Equal<typeof session, Session>>();
  // @ts-expect-error whose session it is must be said
  await request.byo.login({});
  reply.headers(corsHeaders(request));
  return session;
});
