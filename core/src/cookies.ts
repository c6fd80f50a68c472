import { stringifySetCookie } from "cookie";
import type { RequestView } from "./request.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

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
  /** Every distinct token, in no meaningful order: a sub-domain can put any number of cookies before and after ours. */
  read(view: RequestView): PresentedToken[];
  /** Those of every name that is configured, the earlier ones too: what a log-out ends. */
  readAll(view: RequestView): PresentedToken[];
  /** `lifetimeSecs`: how long the session still has, by the sidecar's word. */
  set(view: RequestView, presented: PresentedToken, lifetimeSecs: number): string;
  /** One line for each place that is configured. */
  clear(view: RequestView): string[];
  /** One line for each earlier place. */
  clearPrevious(): string[];
}

/**
 * Marks the value of a cookie that ends with the browser's session, so that the one of a rotation does too. Outside the
 * alphabet of tokens.
 */
const NOT_PERSISTENT = "!s";

export function createSessionCookie(settings: CookieSettings): SessionCookie {
  const placeFor = (view: RequestView): CookiePlace =>
    settings.onLocalhost && dropsSecureCookies(view) ? settings.onLocalhost : settings.place;

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return [];
      const tokens = tokensIn(header, [settings.place.name]);
      if (tokens.length > 0 || !settings.onLocalhost || !dropsSecureCookies(view)) return tokens;
      return tokensIn(header, [settings.onLocalhost.name]);
    },

    readAll(view) {
      const { place, onLocalhost, previous } = settings;
      const places = [place, ...(onLocalhost ? [onLocalhost] : []), ...previous];
      return tokensIn(view.header("cookie") ?? "", new Set(places.map(({ name }) => name)));
    },

    set(view, { token, persistent }, lifetimeSecs) {
      const place = placeFor(view);
      return persistent ? cookieLine(place, token, lifetimeSecs) : cookieLine(place, token + NOT_PERSISTENT);
    },

    clear: (view) => [placeFor(view), ...settings.previous].map(clearingLine),

    clearPrevious: () => settings.previous.map(clearingLine),
  };
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

function tokensIn(header: string, names: Iterable<string>): PresentedToken[] {
  const tokens = new Map<string, PresentedToken>();
  for (const name of names) {
    for (const value of valuesOf(header, name)) {
      const marked = value.endsWith(NOT_PERSISTENT);
      const token = marked ? value.slice(0, -NOT_PERSISTENT.length) : value;
      const persistent = !marked && tokens.get(token)?.persistent !== false;
      if (token !== "") tokens.set(token, { token, persistent });
    }
  }
  return [...tokens.values()];
}

/**
 * The values of one name: cookie parsers keep the first only, which a sub-domain may have planted. Pairs end at each
 * semicolon, in quotes too (RFC 6265, section 5.4): a parser that reads on to the next quote can be made to hide cookies.
 */
export function* valuesOf(header: string, name: string): Generator<string> {
  const start = `${name}=`;
  for (let at = header.indexOf(start); at !== -1; at = header.indexOf(start, at + 1)) {
    if (!beginsPair(header, at)) continue;
    const end = header.indexOf(";", at);
    yield decode(unquote(trim(header, at + start.length, end === -1 ? header.length : end)));
  }
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && isSpace(header[before])) before--;
  return before < 0 || header[before] === ";";
}

/** Spaces and tabs only, as HTTP means it: `trim()` would take away more. */
function trim(header: string, from: number, to: number): string {
  let [first, end] = [from, to];
  while (first < end && isSpace(header[first])) first++;
  while (end > first && isSpace(header[end - 1])) end--;
  return header.slice(first, end);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** A value may stand in quotes, which are no part of it (RFC 6265, section 4.1.1). */
function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
