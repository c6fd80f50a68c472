const EXPLANATIONS: Readonly<Record<string, string>> = {
  LoggedOut: "You logged out.",
  Revoked: "You were logged out from another device.",
  Expired: "Your session has expired. Please log in again.",
  Inactive: "You were away for a while, so we logged you out.",
  TokenReused: "Somebody used an old copy of your session, so we ended it. Change your password if that was not you.",
};

/** What to say to a user whose session has ended; undefined for an unknown reason. */
export function explanationOf(reason: unknown): string | undefined {
  return Object.entries(EXPLANATIONS).find(([word]) => word === reason)?.[1];
}
