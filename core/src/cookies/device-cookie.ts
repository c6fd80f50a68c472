import type { RequestView } from "../request/request-view.ts";
import type { CookiePlace, CookieSettings } from "./cookie-line.ts";
import { createCookieBeside } from "./placed-cookie.ts";

/** The cookie that shows a recent proof of the device's key. The sidecar creates and checks its value. */
export interface DeviceCookie {
  /** The browser's value; undefined if it has none. */
  read(view: RequestView): string | undefined;
  set(view: RequestView, value: string, lifetimeSecs: number): string;
  clear(view: RequestView): string;
}

/** The sidecar did not create anything else, so anything else is not sent to it. */
const FORM = /^[\w-]{1,512}$/;

export function createDeviceCookie(settings: CookieSettings): DeviceCookie {
  const { read, set, clear } = createCookieBeside(settings, deviceCookiePlace);
  return { read: (view) => read(view).find((value) => FORM.test(value)), set, clear };
}

/** Set next to the session cookie, but never for a whole domain: each host gets its own. */
function deviceCookiePlace({ secure, sameSite, partitioned }: CookiePlace): CookiePlace {
  const name = secure ? "__Host-byo-device" : "byo-device";
  // A frame on another site gets no Lax cookie, so there it has the attributes of the session cookie.
  return { name, path: "/", secure, sameSite: sameSite === "none" ? "none" : "lax", partitioned };
}
