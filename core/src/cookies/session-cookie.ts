import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

export interface PresentedToken {
  readonly token: string;
  /** The cookie outlives the browser's own session. */
  readonly persistent: boolean;
}

export interface SessionCookie {
  /** Every distinct token, in no meaningful order: a subdomain can put any number of cookies before and after ours. */
  read(view: RequestView): PresentedToken[];
  /** The tokens of every configured name, including earlier ones: a logout ends them. */
  readAll(view: RequestView): PresentedToken[];
  /** `lifetimeSecs`: the session's remaining time, as the sidecar reports it. */
  set(view: RequestView, presented: PresentedToken, lifetimeSecs: number): string;
  /** One line for each configured place. */
  clear(view: RequestView): string[];
  /** One line for each earlier place. */
  clearPrevious(): string[];
}

/**
 * Marks a cookie that ends with the browser's session, so that a rotation keeps that. Not in the alphabet of tokens.
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
