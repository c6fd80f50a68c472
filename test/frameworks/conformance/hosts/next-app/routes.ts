import type { SessionActions } from "@byo-session/next";
import { cookies } from "next/headers";
import type { NextRequest } from "next/server";
import { act, codeOf, PUBLIC_PAGE_HEADERS } from "../../app.ts";
import { fixed, plainPath } from "./options.ts";
import { corsHeaders, withByo, withSession } from "./sessions.ts";

type Handler = (request: NextRequest, byo: SessionActions) => Response | Promise<Response>;

const letIn = () => new Response("in");
const tell: Handler = (_request, { session }) => Response.json({ session });

const guarded = {
  "/me": withSession((_request, { session }) => Response.json({ session })),
  "/support": withSession((_request, { session }) => Response.json({ session }), { impersonation: "allow" }),
  "/private": withSession((_request, { session }) => Response.json({ session }), { impersonation: "refuse" }),
  "GET /tagged": withSession(letIn, { tags: ["plan:pro", "role:admin"] }),
  "GET /recent": withSession(letIn, { maxAuthAgeSecs: 300 }),
  "GET /poll": withSession(letIn, { activity: false }),
  "GET /page": withSession((_request, { session }) => Response.json({ session }), { device: "recent" }),
  "GET /bound": withSession(letIn, { device: "proof" }),
};

const ROUTES: Readonly<Record<string, Handler>> = {
  "/open": tell,
  "POST /login": async (request, byo) => Response.json(await byo.login(await request.json())),
  "GET /assets/app.js": tell,
  "POST /idp": tell,
  "GET /counted": () => Response.json({ handled: fixed.countHandled() }),
  "GET /noticed": () => Response.json({ events: fixed.takeNoticed() }),
  "GET /cors/open": async (_request, { session }) => Response.json({ session }, { headers: await corsHeaders() }),
  "GET /cached": () => new Response("public page", { headers: PUBLIC_PAGE_HEADERS }),
  "GET /untouched": () => new Response("no session needed"),
  "GET /too-early": (request, byo) => {
    try {
      return tell(request, byo);
    } catch (error) {
      return Response.json({ code: codeOf(error) });
    }
  },
  "GET /after-the-headers": (_request, byo) =>
    streamed(async function* () {
      yield "";
      yield JSON.stringify({ session: await byo.getSession() });
    }),
  "POST /login-late": (_request, byo) =>
    streamed(async function* () {
      yield "head is out ";
      yield await byo.login({ userId: "late" }).then(() => "logged in", codeOf);
    }),
  "POST /login-not-awaited": (_request, byo) => {
    fixed.loginNotAwaited(byo);
    return new Response("done");
  },
  "GET /impatience": async () => Response.json(await fixed.impatience()),
  "GET /end/json": () => Response.json({}),
  "GET /end/text": () => new Response("text"),
  "GET /end/empty": () => new Response(null, { status: 204 }),
  "GET /end/not-modified": () => new Response(null, { status: 304 }),
  // Next writes `basePath` into redirects of its own only.
  "GET /end/redirect": () =>
    new Response(null, { status: 302, headers: { Location: `${process.env.__NEXT_ROUTER_BASEPATH ?? ""}/elsewhere` } }),
  "GET /end/stream": () =>
    streamed(async function* () {
      yield "a";
      yield "b";
    }),
  "GET /end/own-cookie": () => new Response(null, { headers: { "Set-Cookie": "own=1" } }),
  "GET /end/own-cookies": () =>
    new Response(null, {
      headers: [
        ["Set-Cookie", "own=1"],
        ["Set-Cookie", "second=2"],
      ],
    }),
  "GET /end/cookies-of-next": async () => {
    (await cookies()).set("own", "1");
    return new Response();
  },
  "GET /end/throws": () => {
    throw new Error("thrown on purpose");
  },
  "GET /end/rejects": async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error("rejected on purpose");
  },
};

/** What is not found is this handler's to answer too; and as all of Next's, it is its own error handler. */
const answer = withByo(async (request, { byo }) => {
  const path = plainPath(request.nextUrl.pathname);
  const name = /^\/act\/([\w-]+)$/.exec(path)?.[1];
  try {
    if (name !== undefined) {
      const text = await request.text();
      const acting = {
        byo,
        get session() {
          return byo.session;
        },
      };
      return Response.json({ value: await act(name, acting, text === "" ? undefined : JSON.parse(text)) });
    }
    const method = request.method === "HEAD" ? "GET" : request.method;
    const handler = ROUTES[path] ?? ROUTES[`${method} ${path}`];
    return handler ? await handler(request, byo) : Response.json({ session: byo.session }, { status: 404 });
  } catch (error) {
    if (!request.headers.has("x-own-errors")) throw error;
    return Response.json({ code: codeOf(error), userId: byo.session?.userId ?? null }, { status: 418 });
  }
});

const route: typeof answer = (request, context) => {
  const path = plainPath(request.nextUrl.pathname);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const behindGuard = Object.entries(guarded).find(([name]) => name === path || name === `${method} ${path}`);
  return (behindGuard?.[1] ?? answer)(request, context);
};

export { route as DELETE, route as GET, route as OPTIONS, route as PATCH, route as POST, route as PUT };

function streamed(chunks: () => AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const iterator = chunks();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body);
}
