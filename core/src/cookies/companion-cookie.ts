import type { RequestView } from "../request/request-view.ts";
import type { CookieSettings } from "./cookie-line.ts";
import { createCookieBeside } from "./placed-cookie.ts";

/** A cookie beside the session's, with the same attributes. It means nothing without the session's. */
export interface CompanionCookie {
  /** Every distinct value that is not empty. */
  read(view: RequestView): readonly string[];
  set(view: RequestView, value: string, lifetimeSecs: number): string;
  clear(view: RequestView): string;
}

/** What browsers keep of a cookie, name and value together (RFC 6265bis, section 5.6). */
export const MAX_COOKIE_CHARS = 4096;

/** Named after the session's cookie, so that each kind of sessions on a host has its own. */
export function createCompanionCookie(settings: CookieSettings, purpose: string): CompanionCookie {
  const { read, set, clear } = createCookieBeside(settings, (place) => ({
    ...place,
    name: `${place.name}-${purpose}`,
  }));
  return {
    read(view) {
      const values = read(view);
      return values.length === 0 ? values : [...new Set(values)].filter((value) => value !== "");
    },
    set,
    clear,
  };
}
