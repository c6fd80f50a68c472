import { stringifySetCookie } from "cookie";

/** Where the session cookie is set, or used to be set. */
export interface CookiePlace {
  readonly name: string;
  readonly domain?: string | undefined;
  readonly path: string;
  readonly secure: boolean;
  readonly sameSite: "lax" | "strict" | "none";
  readonly partitioned: boolean;
}

export interface CookieSettings {
  readonly place: CookiePlace;
  /** Where earlier versions of the application set it: cleared at logout. */
  readonly previous: readonly CookiePlace[];
  /** Instead of `place`, for browsers that drop Secure cookies on http://localhost. Never in production. */
  readonly onLocalhost?: CookiePlace | undefined;
}

/** One Set-Cookie line. `maxAge` in seconds; without one the cookie ends with the browser's session. */
export function cookieLine(
  { name, domain, path, secure, sameSite, partitioned }: CookiePlace,
  value: string,
  maxAge?: number,
) {
  return stringifySetCookie({
    name,
    value,
    path,
    secure,
    sameSite,
    httpOnly: true,
    ...(domain !== undefined && { domain }),
    ...(partitioned && { partitioned }),
    ...(maxAge !== undefined && { maxAge }),
    ...(maxAge === 0 && { expires: new Date(0) }),
  });
}

export function clearingLine(place: CookiePlace): string {
  return cookieLine(place, "", 0);
}
