import type { PresentedToken } from "../cookies/session-cookie.ts";
import { isPlausible, nameOfToken } from "./session-token.ts";

/**
 * The maximum number of tokens per request to ask the sidecar about: each is a call, and anyone can send any number.
 */
export const MAX_CANDIDATES = 8;

export interface Candidates {
  /** Values in the form of our sidecar's tokens, by session, newest first. */
  readonly sessions: readonly (readonly PresentedToken[])[];
  /** Values that another sidecar may have issued. For ours they are junk. */
  readonly others: readonly PresentedToken[];
}

/** The tokens that may be genuine, sorted: the client controls the order of its cookies. */
export function candidatesOf(tokens: readonly PresentedToken[]): Candidates {
  const named = tokens
    .filter(({ token }) => isPlausible(token))
    .map((token) => ({ token, ...nameOfToken(token.token) }))
    .toSorted((a, b) => b.generation - a.generation || (a.token.token < b.token.token ? -1 : 1));
  const ours = named.filter(({ isOurForm }) => isOurForm);
  return {
    sessions: [...Map.groupBy(ours, ({ session }) => session)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, group]) => group.map(({ token }) => token)),
    others: named.filter(({ isOurForm }) => !isOurForm).map(({ token }) => token),
  };
}
