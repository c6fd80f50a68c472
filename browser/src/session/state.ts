import type { SessionRequestError } from "./request-error.ts";

/**
 * The session type of an application, with its own tags and metadata. Empty here; an application declares it once, in
 * any file:
 *
 * @example
 * import type { Session } from "@byo-session/next";
 *
 * declare module "@byo-session/browser/react" {
 *   interface Register {
 *     session: Session;
 *   }
 * }
 *
 * These are only types: nothing checks that the server's sessions match.
 */
// biome-ignore lint/suspicious/noEmptyInterface: made to be extended, which a type alias cannot be.
export interface Register {}

/**
 * A session as the browser may see it: the answer of `GET {routesPrefix}`, and the result of `getSession()` on the
 * server. It does not contain the token, but it contains tags and metadata: put nothing there that the user must not
 * see.
 */
export type ClientSession = Register extends { session: infer S extends Identified } ? S : PlainSession;

interface Identified {
  /** Not a secret: it identifies the session in lists, but nobody can use the session with it. */
  readonly sessionId: string;
  readonly userId: string;
}

interface PlainSession extends Identified {
  /** Of the login, in Unix seconds. */
  readonly createdAt: number;
  /** The absolute end, in Unix seconds. Other rules may end the session earlier. */
  readonly expiresAt: number;
  /** When the session ends if it is not used again, in Unix seconds. Only if the policy has an inactivity timeout. */
  readonly idleExpiresAt?: number;
  /** When the user last proved who they are, in Unix seconds. */
  readonly authenticatedAt: number;
  readonly tags: readonly string[];
  readonly metadata?: unknown;
  readonly hasDeviceRegistered: boolean;
  /** The device evidence of the request that returned this session. */
  readonly deviceEvidence: "proof" | "recent" | "none";
  /** The employee who acts as the user, while one does. */
  readonly impersonator?: { readonly employeeEmail: string; readonly userId: string; readonly sessionId: string };
}

/**
 * What a page knows of its session.
 *
 * - `loading`: nothing yet, or nothing any more: the page came back from the browser's history and is asking again.
 * - `authenticated`: there is a session. With `error`, the last question had no answer, and this is the last that is known.
 * - `anonymous`: there is no session; `reason` says why, such as `LoggedOut`, `Revoked`, `Expired` or `NoSession`. It is
 *   undefined where the server's page said `null`. `error` as above.
 * - `unavailable`: the server has not answered the first question, so it is not known whether there is a session.
 */
export type SessionState =
  | { readonly status: "loading"; readonly session: null; readonly reason?: undefined; readonly error?: undefined }
  | {
      readonly status: "authenticated";
      readonly session: ClientSession;
      readonly reason?: undefined;
      readonly error?: SessionRequestError;
    }
  | {
      readonly status: "anonymous";
      readonly session: null;
      readonly reason?: string | undefined;
      readonly error?: SessionRequestError;
    }
  | {
      readonly status: "unavailable";
      readonly session: null;
      readonly reason?: undefined;
      readonly error: SessionRequestError;
    };

export const LOADING: SessionState = { status: "loading", session: null };

/** The state for what a server passed: `undefined` if it passed nothing. */
export function stateOf(session: ClientSession | null | undefined, reason?: string): SessionState {
  if (session === undefined) return LOADING;
  return session ? { status: "authenticated", session } : { status: "anonymous", session, reason };
}

/** A request without an answer does not change the known state. */
export function withError(state: SessionState, error: SessionRequestError): SessionState {
  if (state.status === "authenticated" || state.status === "anonymous") return { ...state, error };
  return { status: "unavailable", session: null, error };
}
