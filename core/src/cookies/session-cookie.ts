import type { RequestView } from "../request/request-view.ts";
import { type CookieSettings, clearingLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { createPlacedCookie } from "./placed-cookie.ts";

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
  const placed = createPlacedCookie(settings);
  const { place, onLocalhost, previous } = settings;
  const places = [place, ...(onLocalhost ? [onLocalhost] : []), ...previous];
  const everywhere = [...new Set(places.map(({ name }) => name))].map(valuesOf);

  return {
    read: (view) => tokensIn(placed.read(view)),

    readAll(view) {
      const header = view.header("cookie") ?? "";
      return tokensIn(everywhere.flatMap((valuesIn) => valuesIn(header)));
    },

    set(view, { token, persistent }, lifetimeSecs) {
      return persistent ? placed.set(view, token, lifetimeSecs) : placed.set(view, token + NOT_PERSISTENT);
    },

    clear: (view) => [placed.clear(view), ...previous.map(clearingLine)],

    clearPrevious: () => previous.map(clearingLine),
  };
}

function tokensIn(values: readonly string[]): PresentedToken[] {
  const found = values.map(presentedBy).filter(({ token }) => token !== "");
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
