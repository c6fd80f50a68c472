import { ConfigurationError, type CredentialChange, type ResponseSink } from "@byo-session/core";
import { workUnitAsyncStorage } from "next/dist/server/app-render/work-unit-async-storage.external.js";
import { cookies, headers } from "next/headers.js";
import { NextResponse } from "next/server.js";
import type { ServerVisit } from "./server-stage.ts";

type CookieJar = Awaited<ReturnType<typeof cookies>>;

/** The headers of the request, one object for each request. They make a page dynamic, as they should. */
export async function requestHeaders(): Promise<Headers> {
  try {
    return await headers();
  } catch (error) {
    throw explained(error);
  }
}

/** False in a test that calls a route handler by itself. */
export function isInsideNext(): boolean {
  return workUnitAsyncStorage.getStore() !== undefined;
}

/** The request where Next shows it only by `headers()` and `cookies()`: in a page, an action, a route handler. */
export async function currentVisit(): Promise<ServerVisit> {
  const [list, jar] = [await requestHeaders(), await cookies()];
  const address = addressOfRequest();
  const isAction = list.has("next-action");
  // Next lets actions and route handlers set cookies, and nothing else.
  const isRender = !isAction && !canSet(jar);
  const knownMethod = isAction ? "POST" : isRender ? "GET" : undefined;
  const target = address ? address.pathname + address.search : "/";
  return {
    ...{ knownMethod, knownPath: address?.pathname, isRender, asPage: isAction || isRender, target, headers: list },
    // Of a route handler only so much is known: without a body it is taken for a GET.
    method: knownMethod ?? (list.has("content-type") ? "POST" : "GET"),
    url: `http://${list.get("host") ?? "localhost"}${target}`,
    sink: createCookieSink(jar),
  };
}

/**
 * No interface that Next documents tells a page its own address. This one it keeps for itself; without it the hand-over
 * cannot be compared with the address, and the sidecar is asked instead.
 */
function addressOfRequest(): { pathname: string; search: string } | undefined {
  const store = workUnitAsyncStorage.getStore();
  return store?.type === "request" ? store.url : undefined;
}

/** Sets cookies as an application does. Never those of a rotation: `cookies()` would show the successor to this request. */
function createCookieSink(jar: CookieJar): ResponseSink {
  return {
    get canWrite() {
      return canSet(jar);
    },
    keepsToken: true,
    write({ setCookies, sessionToken }: CredentialChange) {
      if (sessionToken !== undefined) {
        throw new ConfigurationError(
          "ERR_NOT_MOUNTED",
          "the token of a Bearer session goes into a response header: log in inside of withSession() or sessionRoutes()",
        );
      }
      const parsed = new NextResponse(null, { headers: setCookies.map((line) => ["set-cookie", line]) });
      for (const cookie of parsed.cookies.getAll()) jar.set(cookie);
    },
  };
}

const ASKED_FOR_THE_NAME = Symbol("asked for the name");

/** Next tells whether a cookie can be set only to who sets one; so one is begun that cannot be finished. */
function canSet(jar: CookieJar): boolean {
  const unfinished = {
    value: "",
    get name(): string {
      throw ASKED_FOR_THE_NAME;
    },
  };
  try {
    jar.set(unfinished);
    return true;
  } catch (error) {
    return error === ASKED_FOR_THE_NAME;
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !/"use cache"|unstable_cache/.test(error.message)) return error;
  return new ConfigurationError(
    "ERR_INSIDE_CACHE",
    'a session was asked for inside of "use cache" or unstable_cache(), whose results are kept for other users: ' +
      "ask for it outside and pass on what the cached function needs, such as the user id",
  );
}
