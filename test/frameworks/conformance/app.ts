import type { ByoSessionOptions, NewDevice, Session, SessionActions } from "@byo-session/core";

type LegacySession = Awaited<ReturnType<NonNullable<ByoSessionOptions<never>["legacySession"]>>>;

/** What an app sends with a page that every cache may store. */
export const PUBLIC_PAGE_HEADERS = {
  "Cache-Control": "public, max-age=600",
  "CDN-Cache-Control": "max-age=600",
  "Cloudflare-CDN-Cache-Control": "max-age=600",
  "Edge-Control": "!no-store, max-age=600",
  Expires: "Fri, 31 Dec 2100 23:59:59 GMT",
  "Netlify-CDN-Cache-Control": "public, durable, max-age=600",
  "Surrogate-Control": "max-age=600",
  "Vercel-CDN-Cache-Control": "max-age=600",
  "X-Accel-Expires": "600",
  "X-LiteSpeed-Cache-Control": "public, max-age=600",
  Vary: "Accept-Encoding",
} as const;

export const isSkipped = (path: string): boolean => path.startsWith("/assets/");
export const isProtected = (path: string): boolean => path !== "/idp";

/** At this user's logins from a new device the app's own callback fails. */
export const UNLUCKY = "unlucky";

/** What the fixed app is made of that has nothing to do with its framework. */
export interface FixedApp {
  /** By the old library's cookie `old`, whose value is the id of its session. */
  legacySession(cookieHeader: string | undefined): Promise<LegacySession>;
  onNewDevice(event: NewDevice): void;
  takeNoticed(): NewDevice[];
  countHandled(): number;
  /** Leaves a login to itself. */
  loginNotAwaited(byo: SessionActions): void;
  /** What became of it, as soon as that is known. */
  impatience(): Promise<{ code: string }>;
}

/** So many requests with the old session `ten` wait for each other before any goes on. */
const AT_ONCE = 10;
const DAY_SECS = 86_400;

export function createFixedApp(): FixedApp {
  const noticed: NewDevice[] = [];
  let leftToItself = Promise.resolve("none");
  const allAreHere = barrier(AT_ONCE);
  let handled = 0;
  return {
    async legacySession(cookieHeader) {
      const legacyId = /(?:^|; )old=([^;]+)/.exec(cookieHeader ?? "")?.[1];
      if (legacyId === undefined) return null;
      if (legacyId === "ten") await allAreHere();
      const ageSecs = (legacyId === "aged" ? 30 : 1) * DAY_SECS;
      const authenticatedAt = Math.floor(Date.now() / 1000) - ageSecs;
      return { userId: `legacy-${legacyId}`, legacyId, authenticatedAt, tags: ["plan:old"] };
    },
    onNewDevice(event) {
      noticed.push(event);
      if (event.userId === UNLUCKY) throw new Error("no mail\ncan be sent");
    },
    takeNoticed: () => noticed.splice(0),
    countHandled: () => ++handled,
    loginNotAwaited(byo) {
      leftToItself = byo.login({ userId: "impatient" }).then(() => "logged in", codeOf);
    },
    impatience: async () => ({ code: await leftToItself }),
  };
}

/** Not Node's own: the middleware of Next 15 runs where there is no Node. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

export function codeOf(error: unknown): string {
  return String(Reflect.get(Object(error), "code"));
}

/** What an action needs from a request; `session` reads the framework's own property at each access. */
export interface Acting {
  readonly byo: SessionActions;
  readonly session: Session | null;
}

/** What a test sends along: of each action what it takes. */
export type ActionBody = Parameters<SessionActions["login"]>[0] &
  NonNullable<Parameters<SessionActions["logoutEverywhere"]>[0]> &
  Parameters<SessionActions["impersonate"]>[0] &
  Parameters<SessionActions["update"]>[0] &
  Parameters<SessionActions["setTags"]>[0] & { sessionId: string };

const ACTIONS: Readonly<Record<string, (request: Acting, body: ActionBody) => Promise<unknown>>> = {
  logout: ({ byo }) => byo.logout(),
  "logout-others": ({ byo }) => byo.logoutOthers(),
  "logout-everywhere": ({ byo }, body) => byo.logoutEverywhere(body),
  list: ({ byo }) => byo.listSessions(),
  revoke: ({ byo }, { sessionId }) => byo.revoke(sessionId),
  update: ({ byo }, body) => byo.update(body),
  "set-tags": ({ byo }, body) => byo.setTags(body),
  async impersonate(request, body) {
    const session = await request.byo.impersonate(body);
    return { same: request.session === session, session };
  },
  "stop-impersonating": ({ byo }) => byo.stopImpersonating(),
  reauthenticate: ({ byo }) => byo.reauthenticate(),
  async "login-then-read"(request, body) {
    const session = await request.byo.login(body);
    return { same: request.session === session && request.byo.session === session, session };
  },
  async "login-then-logout"(request, body) {
    await request.byo.login(body);
    await request.byo.logout();
    return { session: request.session };
  },
  async "login-then-wait"({ byo }, body) {
    await byo.login(body);
    await aMoment();
  },
  async "login-then-fail"({ byo }, body) {
    await byo.login(body);
    throw new Error("the app's own fault");
  },
  async "answer-late"({ session }) {
    await aMoment();
    return session;
  },
  async load(request) {
    const session = await request.byo.getSession();
    return { same: session === request.session, session };
  },
  async "load-ten-times"({ byo }) {
    return new Set(await Promise.all(Array.from({ length: 10 }, () => byo.getSession()))).size;
  },
  async "change-the-session"({ session }) {
    if (!session) return [];
    const attempts = [
      () => Object.assign(session, { userId: "root" }),
      () => Object.assign(session.tags, ["role:admin"]),
      () => Object.assign(Object(session.metadata).deep, { more: 1 }),
    ];
    return attempts.map((attempt) => {
      try {
        return String(attempt());
      } catch (error) {
        return error instanceof TypeError ? "refused" : String(error);
      }
    });
  },
};

/** Runs an action by its name. What it throws is for the framework to answer. */
export async function act(name: string, request: Acting, body: ActionBody | undefined): Promise<unknown> {
  const action = ACTIONS[name];
  if (!action) throw new Error(`no such action: ${name}`);
  return action(request, body ?? { userId: "", sessionId: "", metadata: null, employeeEmail: "", targetUserId: "" });
}

function barrier(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting++;
    if (waiting === parties) resolve();
    return promise;
  };
}
