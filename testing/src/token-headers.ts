/** How an app takes its session token. */
export interface TokenOptions {
  /** The app's `cookie.name`. Default: that of the middleware, `__Host-sessionToken`. */
  cookieName?: string;
  /** Send the token as `Authorization: Bearer`, for an app with `bearer: true`. Default: false. */
  bearer?: boolean;
}

export const DEFAULT_COOKIE = "__Host-sessionToken";

/** The request headers that present a token. */
export function tokenHeaders(
  token: string,
  { cookieName = DEFAULT_COOKIE, bearer = false }: TokenOptions,
): Record<string, string> {
  return bearer ? { authorization: `Bearer ${token}` } : { cookie: `${cookieName}=${token}` };
}
