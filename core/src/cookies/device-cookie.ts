import type { RequestView } from "../request/request-view.ts";
import { type CookiePlace, type CookieSettings, clearingLine, cookieLine } from "./cookie-line.ts";
import { valuesOf } from "./cookie-values.ts";
import { dropsSecureCookies } from "./secure-cookies.ts";

/** The cookie that shows a recent proof of the device's key. Its value is the sidecar's to make and to judge. */
export interface DeviceCookie {
  /** The value that the browser holds; undefined where it holds none. */
  read(view: RequestView): string | undefined;
  set(view: RequestView, value: string, lifetimeSecs: number): string;
  clear(view: RequestView): string;
}

/** Anything else was not made by the sidecar, and is not sent to it. */
const FORM = /^[\w-]{1,512}$/;

/** Lies beside the session cookie, and never for a whole domain: each host earns its own. */
export function createDeviceCookie({ place, onLocalhost }: CookieSettings): DeviceCookie {
  const usual = beside(place);
  const local = onLocalhost && beside(onLocalhost);
  const placeFor = (view: RequestView) => (local && dropsSecureCookies(view) ? local : usual);

  return {
    read(view) {
      const header = view.header("cookie");
      if (header === undefined) return undefined;
      for (const value of valuesOf(header, placeFor(view).name)) if (FORM.test(value)) return value;
      return undefined;
    },
    set: (view, value, lifetimeSecs) => cookieLine(placeFor(view), value, lifetimeSecs),
    clear: (view) => clearingLine(placeFor(view)),
  };
}

function beside({ secure, sameSite, partitioned }: CookiePlace): CookiePlace {
  const name = secure ? "__Host-byo-device" : "byo-device";
  // A frame on another site gets no Lax cookie: there it lies as the session cookie does.
  return { name, path: "/", secure, sameSite: sameSite === "none" ? "none" : "lax", partitioned };
}
