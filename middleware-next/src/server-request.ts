import { ConfigurationError, type CredentialChange, type ResponseSink } from "@byo-session/core";
import { actionAsyncStorage } from "next/dist/server/app-render/action-async-storage.external.js";
import { workAsyncStorage } from "next/dist/server/app-render/work-async-storage.external.js";
import { workUnitAsyncStorage } from "next/dist/server/app-render/work-unit-async-storage.external.js";
import { cookies, headers } from "next/headers.js";
import { after, NextResponse } from "next/server.js";
import { addressOf, placeOf } from "./paths.ts";
import type { Part, ServerVisit } from "./server-visit.ts";

/** A route handler is the strictest: no read by its nature, as a page is, and of no method that is known. */
function currentPart(): Part {
  const store = workUnitAsyncStorage.getStore();
  if (store?.type === "prerender-runtime" || store?.type === "private-cache") return "page";
  if (store?.type !== "request") return "route";
  if (store.phase === "render") return "page";
  const { isAction = false, isAppRoute = false } = actionAsyncStorage.getStore() ?? {};
  return isAction && !isAppRoute ? "action" : "route";
}

/** The headers of the request. They make a page dynamic, as they should. */
export async function requestHeaders(): Promise<Headers> {
  try {
    return await headers();
  } catch (error) {
    throw explained(error);
  }
}

/**
 * One object in the whole request, be that a page with its prerender for the next visit, an action and the page after it,
 * or a route. Undefined in a test that calls a route handler by itself.
 */
export function currentWork(): object | undefined {
  return workAsyncStorage.getStore();
}

/** What runs in `after()` of a page comes too late for Next to tell it anything. */
export function isAfterwards(): boolean {
  const store = workUnitAsyncStorage.getStore();
  return store?.type === "request" && store.phase === "after";
}

/** A page is rendered, for a request or ahead of one. */
export function isRender(): boolean {
  return currentPart() === "page";
}

/** In `"use cache: private"` a session can be read; but what a guard refuses is for no cache to keep. */
export function isInPrivateCache(): boolean {
  return workUnitAsyncStorage.getStore()?.type === "private-cache";
}

/** The request where Next shows it only by `headers()` and `cookies()`: in a page, an action, a route handler. */
export async function currentVisit(list: Headers): Promise<ServerVisit> {
  const [jar, part] = [await cookies(), currentPart()];
  const store = workUnitAsyncStorage.getStore();
  // No interface that Next documents tells a page its own address. This one it keeps for itself.
  const known = store?.type === "request" ? addressOf(store.url) : undefined;
  const path = known ? undefined : pathOfPrerender();
  const address = known ?? addressOf({ pathname: path ?? "/", search: "" });
  // Of what is rendered ahead Next tells the path at the most.
  const place = known ? placeOf(known.routedTarget) : path && placeOf(path).slice(0, -1);
  return {
    ...{ part, ...address, place, headers: list, method: METHOD_OF_PART[part] },
    url: `http://${list.get("host") ?? "localhost"}${address.target}`,
    sink: createCookieSink(jar),
  };
}

/** The last of the tags by which Next marks what it keeps of a page. */
function pathOfPrerender(): string | undefined {
  const store = workUnitAsyncStorage.getStore();
  const tag = store && "implicitTags" in store ? store.implicitTags?.tags.at(-1) : undefined;
  return tag?.startsWith(PATH_TAG) ? tag.slice(PATH_TAG.length).replace(/^\/index$/, "/") : undefined;
}

const PATH_TAG = "_N_T_";

/** A page is read whatever it was asked by, and Next runs an action for a POST only. */
const METHOD_OF_PART = { page: "GET", action: "POST", route: undefined } as const;

/** Sets cookies as an application does. Never those of a rotation: `cookies()` would show the successor to this request. */
function createCookieSink(jar: Awaited<ReturnType<typeof cookies>>): ResponseSink {
  return {
    get canWrite() {
      const store = workUnitAsyncStorage.getStore();
      return store?.type === "request" && store.phase === "action";
    },
    cannotWrite: "a page cannot set cookies: do it in a server action or a route handler, before its answer begins",
    keepsToken: true,
    whenAnswered: afterwards,
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

/** In a private cache Next allows no work for later. The guards of its page have run before what it keeps. */
function afterwards(callback: () => void): void {
  if (isInPrivateCache()) callback();
  else after(callback);
}

/** By what Next says, which knows nothing of sessions. */
const EXPLANATIONS = [
  {
    pattern: /"use cache"|unstable_cache/,
    code: "ERR_INSIDE_CACHE",
    text:
      'a session was asked for inside of "use cache" or unstable_cache(), whose results are kept for other users: ' +
      "ask for it outside and pass on what the cached function needs, such as the user id",
  },
  {
    pattern: /inside `after\(\)`/,
    code: "ERR_NOT_MOUNTED",
    text:
      "a session was asked for in after() of a page, where Next tells nothing of the request any more: ask for it in the " +
      "page, before after()",
  },
  {
    pattern: /outside a request scope/,
    code: "ERR_NOT_MOUNTED",
    text:
      "a session was asked for where Next knows of no request: in the Pages Router use propsWithSession() and " +
      "apiWithSession(), elsewhere ask while a page, an action or a route handler runs",
  },
] as const;

function explained(error: unknown): unknown {
  const found = error instanceof Error && EXPLANATIONS.find(({ pattern }) => pattern.test(error.message));
  return found ? new ConfigurationError(found.code, found.text, { cause: error }) : error;
}
