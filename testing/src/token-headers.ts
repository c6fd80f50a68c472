/** How an app reads its session token. */
export interface TokenOptions {
  /** The app's `cookie.name`. Default: `__Host-sessionToken`, as in the middleware. */
  cookieName?: string;
  /** Send the token as `Authorization: Bearer`, for an app with `bearer: true`. Default: false. */
  bearer?: boolean;
}

export const DEFAULT_COOKIE = "__Host-sessionToken";
const DEVICE_COOKIE = "__Host-byo-device";

/** The request headers that present a token. */
export function tokenHeaders(
  token: string,
  {
    cookieName = DEFAULT_COOKIE,
    bearer = false,
    deviceCookie,
    impersonationToken,
  }: TokenOptions & { deviceCookie?: string | undefined; impersonationToken?: string | undefined },
): Record<string, string> {
  if (bearer) return { authorization: `Bearer ${token}` };
  const device = deviceCookie === undefined ? "" : `; ${DEVICE_COOKIE}=${deviceCookie}`;
  const impersonation = impersonationToken === undefined ? "" : `; ${cookieName}-impersonation=${impersonationToken}`;
  return { cookie: `${cookieName}=${token}${device}${impersonation}` };
}
