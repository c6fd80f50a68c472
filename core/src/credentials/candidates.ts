import type { PresentedToken } from "../cookies/session-cookie.ts";
import { isPlausible, nameOfToken } from "./session-token.ts";

/** Most tokens of one request that the sidecar is asked about: each is a call, and anybody can send any number. */
export const MAX_CANDIDATES = 8;

export interface Candidates {
  /** In the form of our sidecar's tokens, by session, the newest of each first. */
  readonly sessions: readonly (readonly PresentedToken[])[];
  /** What another sidecar may have issued. With ours such a value is junk. */
  readonly others: readonly PresentedToken[];
}

/** The tokens that may be genuine, in an order of their own: which cookie comes first is the client's to choose. */
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
