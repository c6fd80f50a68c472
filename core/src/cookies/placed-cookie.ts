import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

/** One cookie, at its usual place or at the one for browsers that would drop it there. */
export interface PlacedCookie {
  /** Every value, in the order of the header. */
  read(view: RequestView): readonly string[];
  /** Without a lifetime, the cookie ends with the browser's session. */
  set(view: RequestView, value: string, lifetimeSecs?: number): string;
  clear(view: RequestView): string;
}

const NONE: readonly string[] = [];

export function createPlacedCookie({ place, onLocalhost }: Omit<CookieSettings, "previous">): PlacedCookie {
  const valuesIn = valuesOf(place.name);
  const localValuesIn = onLocalhost && valuesOf(onLocalhost.name);
  const placeFor = (view: RequestView): CookiePlace => (onLocalhost && dropsSecureCookies(view) ? onLocalhost : place);

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return NONE;
      const values = valuesIn(header);
      if (!localValuesIn || values.some((value) => value !== "")) return values;
      // The usual request has none, and this is all that it costs.
      const local = localValuesIn(header);
      return local.length === 0 || dropsSecureCookies(view) ? local : NONE;
    },
    set: (view, value, lifetimeSecs) => cookieLine(placeFor(view), value, lifetimeSecs),
    clear: (view) => clearingLine(placeFor(view)),
  };
}

/** The same kind of cookie beside another: `at` derives each of its places. */
export function createCookieBeside(
  { place, onLocalhost }: CookieSettings,
  at: (place: CookiePlace) => CookiePlace,
): PlacedCookie {
  return createPlacedCookie({ place: at(place), onLocalhost: onLocalhost && at(onLocalhost) });
}
