import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { type CookieValues, valuesOf } from "./cookie-values.ts";
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

  const { place, onLocalhost, previous } = settings;
  const current = [valuesOf(place.name)];
  const local = onLocalhost && [valuesOf(onLocalhost.name)];
  const places = [place, ...(onLocalhost ? [onLocalhost] : []), ...previous];
  const everywhere = [...new Set(places.map(({ name }) => name))].map(valuesOf);

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return [];
      const tokens = tokensIn(header, current);
      return tokens.length === 0 && local && dropsSecureCookies(view) ? tokensIn(header, local) : tokens;
    },

    readAll: (view) => tokensIn(view.header("cookie") ?? "", everywhere),

    set(view, { token, persistent }, lifetimeSecs) {
      const place = placeFor(view);
      return persistent ? cookieLine(place, token, lifetimeSecs) : cookieLine(place, token + NOT_PERSISTENT);
    },

    clear: (view) => [placeFor(view), ...settings.previous].map(clearingLine),

    clearPrevious: () => settings.previous.map(clearingLine),
  };
}

function tokensIn(header: string, names: readonly CookieValues[]): PresentedToken[] {
  const found: PresentedToken[] = [];
  for (const valuesIn of names) {
    for (const value of valuesIn(header)) {
      const presented = presentedBy(value);
      if (presented.token !== "") found.push(presented);
    }
  }
  return found.length > 1 ? distinct(found) : found;
}

function presentedBy(value: string): PresentedToken {
  return value.endsWith(NOT_PERSISTENT)
    ? { token: value.slice(0, -NOT_PERSISTENT.length), persistent: false }
    : { token: value, persistent: true };
}

/** A token that is marked once counts as marked. */
function distinct(presented: readonly PresentedToken[]): PresentedToken[] {
  const tokens = new Map<string, PresentedToken>();
  for (const each of presented) if (!each.persistent || !tokens.has(each.token)) tokens.set(each.token, each);
  return [...tokens.values()];
}
