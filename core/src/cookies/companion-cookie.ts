import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

/** A cookie beside the session's, with the same attributes. It means nothing without the session's. */
export interface CompanionCookie {
  /** Every distinct value that is not empty. */
  read(view: RequestView): readonly string[];
  set(view: RequestView, value: string, lifetimeSecs: number): string;
  clear(view: RequestView): string;
}

const NONE: readonly string[] = [];

/** What browsers keep of a cookie, name and value together (RFC 6265bis, section 5.6). */
export const MAX_COOKIE_CHARS = 4096;

/** Named after the session's cookie, so that each kind of sessions on a host has its own. */
export function createCompanionCookie({ place, onLocalhost }: CookieSettings, purpose: string): CompanionCookie {
  const beside = (one: CookiePlace): CookiePlace => ({ ...one, name: `${one.name}-${purpose}` });
  const usual = beside(place);
  const local = onLocalhost && beside(onLocalhost);
  const valuesIn = valuesOf(usual.name);
  const localValuesIn = local && valuesOf(local.name);
  const placeFor = (view: RequestView) => (local && dropsSecureCookies(view) ? local : usual);

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return [];
      const found = valuesIn(header);
      const values = found.length === 0 && localValuesIn ? localValuesIn(header) : found;
      // The usual request has none, and this is all that it costs.
      if (values.length === 0 || (values !== found && !dropsSecureCookies(view))) return NONE;
      return [...new Set(values)].filter((value) => value !== "");
    },
    set: (view, value, lifetimeSecs) => cookieLine(placeFor(view), value, lifetimeSecs),
    clear: (view) => clearingLine(placeFor(view)),
  };
}
