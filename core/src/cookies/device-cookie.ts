import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

/** The cookie that shows a recent proof of the device's key. The sidecar creates and checks its value. */
export interface DeviceCookie {
  /** The browser's value; undefined if it has none. */
  read(view: RequestView): string | undefined;
  set(view: RequestView, value: string, lifetimeSecs: number): string;
  clear(view: RequestView): string;
}

/** The sidecar did not create anything else, so anything else is not sent to it. */
const FORM = /^[\w-]{1,512}$/;

/** Set next to the session cookie, but never for a whole domain: each host gets its own. */
export function createDeviceCookie({ place, onLocalhost }: CookieSettings): DeviceCookie {
  const usual = beside(place);
  const local = onLocalhost && beside(onLocalhost);
  const valuesIn = valuesOf(usual.name);
  const localValuesIn = local && valuesOf(local.name);
  const placeFor = (view: RequestView) => (local && dropsSecureCookies(view) ? local : usual);

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return undefined;
      const values = localValuesIn && dropsSecureCookies(view) ? localValuesIn(header) : valuesIn(header);
      return values.find((value) => FORM.test(value));
    },
    set: (view, value, lifetimeSecs) => cookieLine(placeFor(view), value, lifetimeSecs),
    clear: (view) => clearingLine(placeFor(view)),
  };
}

function beside({ secure, sameSite, partitioned }: CookiePlace): CookiePlace {
  const name = secure ? "__Host-byo-device" : "byo-device";
  // A frame on another site gets no Lax cookie, so there it has the attributes of the session cookie.
  return { name, path: "/", secure, sameSite: sameSite === "none" ? "none" : "lax", partitioned };
}
