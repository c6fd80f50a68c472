import { stringifySetCookie } from "cookie";
import type { RequestView } from "./request.ts";

/** Where the session cookie lies, or once lay. */
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
  /** Where earlier versions of the application put it: cleared at log-out. */
  readonly previous: readonly CookiePlace[];
  /** Instead of `place`, for browsers that drop Secure cookies on http://localhost. Never in production. */
  readonly onLocalhost?: CookiePlace | undefined;
}

export interface PresentedToken {
  readonly token: string;
  /** The cookie outlives the browser's own session. */
  readonly persistent: boolean;
}

export interface SessionCookie {
  read(view: RequestView): PresentedToken[];
  set(view: RequestView, presented: PresentedToken, lifetime: { createdAt: number; expiresAt: number }): string;
  /** One line for each place that is configured. */
  clear(view: RequestView): string[];
}

/** A sub-domain can set any number of cookies for its parent; looking at each would be a way to cost us calls. */
const MAX_LOOKED_AT = 3;

/**
 * Marks the value of a cookie that ends with the browser's session, so that the one of a rotation does too. Outside the
 * alphabet of tokens.
 */
const NOT_PERSISTENT = "!s";

export function createSessionCookie(settings: CookieSettings, nowMs: () => number): SessionCookie {
  const placeFor = (view: RequestView): CookiePlace =>
    settings.onLocalhost && dropsSecureCookies(view) ? settings.onLocalhost : settings.place;

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return [];
      const values = valuesOf(header, settings.place.name);
      if (values.length === 0 && settings.onLocalhost && dropsSecureCookies(view)) {
        values.push(...valuesOf(header, settings.onLocalhost.name));
      }
      return values.map((value) =>
        value.endsWith(NOT_PERSISTENT)
          ? { token: value.slice(0, -NOT_PERSISTENT.length), persistent: false }
          : { token: value, persistent: true },
      );
    },

    set(view, { token, persistent }, { createdAt, expiresAt }) {
      const place = placeFor(view);
      if (!persistent) return line(place, token + NOT_PERSISTENT);
      const wholeSecs = expiresAt - createdAt;
      const leftSecs = expiresAt - Math.floor(nowMs() / 1000);
      // The sidecar ends the session; a wrong clock here must not have the browser drop a cookie that is good.
      return line(place, token, leftSecs > 0 ? Math.min(leftSecs, wholeSecs) : wholeSecs);
    },

    clear: (view) => [placeFor(view), ...settings.previous].map((place) => line(place, "", 0)),
  };
}

function line({ name, domain, path, secure, sameSite, partitioned }: CookiePlace, value: string, maxAge?: number) {
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

/** The distinct values of one name, in order: cookie parsers keep the first only, which a sub-domain may have planted. */
function valuesOf(header: string, name: string): string[] {
  const values: string[] = [];
  const start = `${name}=`;
  for (let at = header.indexOf(start); at !== -1 && values.length < MAX_LOOKED_AT; at = header.indexOf(start, at + 1)) {
    if (!beginsPair(header, at)) continue;
    const end = header.indexOf(";", at);
    const value = decode(header.slice(at + start.length, end === -1 ? undefined : end).trim());
    if (value !== "" && !values.includes(value)) values.push(value);
  }
  return values;
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (header[before] === " " || header[before] === "\t")) before--;
  return before < 0 || header[before] === ";";
}

function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Safari keeps no Secure cookie from http://localhost; Chromium and Firefox do. */
function dropsSecureCookies(view: RequestView): boolean {
  const host = view.header("host") ?? "";
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return false;
  const userAgent = view.header("user-agent") ?? "";
  return /Version\/.*Safari\//.test(userAgent) && !/Chrom(e|ium)\//.test(userAgent);
}
