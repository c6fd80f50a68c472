import { readJson } from "../challenge.ts";
import { currentDevice } from "../current.ts";
import { SessionRequestError } from "./request-error.ts";
import type { ClientSession } from "./state.ts";

/** What the server says of the session. */
export interface SessionAnswer {
  readonly session: ClientSession | null;
  readonly reason?: string | undefined;
  /** The server's time, in Unix seconds, where it matters. */
  readonly now?: number | undefined;
}

/** The ready-made routes of the middleware that the hook needs. Both reject with a `SessionRequestError`. */
export interface SessionRoutes {
  whoAmI(signal: AbortSignal): Promise<SessionAnswer>;
  /** The same without using the session: it does not keep it from becoming inactive. */
  idle(signal: AbortSignal): Promise<SessionAnswer>;
  logout(): Promise<void>;
}

/** A prefix that ends in a slash is of a server that wants one at the end of every path. */
export function createRoutes(prefix: string): SessionRoutes {
  const urlOf = (name: string) => (prefix.endsWith("/") ? `${prefix}${name}/` : `${prefix}/${name}`);
  const logoutUrl = urlOf("logout");

  async function ask(url: string, signal: AbortSignal): Promise<SessionAnswer> {
    const response = await send(url, { signal });
    const json = await readJson(response);
    const answer = answerIn(json, response.status);
    if (answer) return answer;
    throw unexpected(`GET ${url}`, response.status);
  }

  return {
    whoAmI: (signal) => ask(prefix, signal),
    idle: (signal) => ask(urlOf("idle"), signal),
    async logout() {
      const response = await send(logoutUrl, { method: "POST" });
      if (!response.ok) throw unexpected(`POST ${logoutUrl}`, response.status);
    },
  };
}

/** With a proof of the device's key where the app has set that up. */
async function send(url: string, init: RequestInit): Promise<Response> {
  const what = `${init.method ?? "GET"} ${url}`;
  let response: Response;
  try {
    response = await (currentDevice()?.fetch ?? fetch)(url, { credentials: "include", cache: "no-store", ...init });
  } catch (cause) {
    throw new SessionRequestError("ERR_UNAVAILABLE", `${what} was not answered.`, undefined, { cause });
  }
  if (response.status < 500) return response;
  const message = `${what} answered ${response.status}: the server or its sidecar is not available now.`;
  throw new SessionRequestError("ERR_UNAVAILABLE", message, response.status);
}

function answerIn({ session, ...rest }: Record<string, unknown>, status: number): SessionAnswer | undefined {
  const reason = typeof rest.reason === "string" ? rest.reason : undefined;
  const now = typeof rest.now === "number" ? rest.now : undefined;
  if (status === 200 && (session === null || isSession(session))) return { session, reason, now };
  // Such as DeviceVerificationRequired: there may be a session, but this page has none.
  const isRefusal = (status === 401 || status === 403) && typeof rest.errorType === "string";
  return isRefusal && reason !== undefined ? { session: null, reason } : undefined;
}

function isSession(value: unknown): value is ClientSession {
  const { sessionId, userId } = Object(value);
  return typeof sessionId === "string" && typeof userId === "string";
}

function unexpected(what: string, status: number): SessionRequestError {
  return new SessionRequestError(
    "ERR_UNEXPECTED_ANSWER",
    `${what} answered ${status}, and not as the middleware does. ` +
      "Set its option `routes`, and `routesPrefix` of <SessionProvider> to where the browser finds them.",
    status,
  );
}
