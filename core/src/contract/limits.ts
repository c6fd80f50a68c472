/** The bounds of the wire contract. Strings are counted in characters (UTF-16 units), bodies in bytes. */
export const LIMITS = {
  bodyBytes: 256 * 1024,
  userIdChars: 1024,
  userAgentChars: 4 * 1024,
  stringChars: 8 * 1024,
  proofChars: 8 * 1024,
  attemptIdChars: 128,
  tags: 50,
  tagChars: 256,
  metadataBytes: 64 * 1024,
  metadataDepth: 64,
  page: 1_000_000,
} as const;

/** Sessions in one page of a listing. */
export const PAGE_SIZE = 50;

/** The maximum number of sessions that one `UpdateSessions` or `InvalidateSessions` changes. */
export const MAX_SESSIONS_AT_ONCE = 1000;

/** The lifetime of a stateless token, in seconds. */
export const STATELESS_TOKEN_LIFETIME = { min: 1, max: 86_400, default: 300 } as const;
