import { parseCookie, stringifySetCookie } from "cookie";

/** `__Host-`: from this host only, on https or loopback only, for the whole host. */
const NAME = "__Host-byo_dashboard";

const ATTRIBUTES = { path: "/", httpOnly: true, secure: true, sameSite: "strict" } as const;

/** The token of the request. Undefined also where the cookie is there twice: one of them is somebody else's. */
export function readDashboardCookie(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const times = header.split(";").filter((pair) => pair.split("=")[0]?.trim() === NAME).length;
  return times === 1 ? parseCookie(header)[NAME] : undefined;
}

/** Until the browser is closed; the server ends the login earlier where its time has come. */
export function dashboardCookie(token: string): string {
  return stringifySetCookie({ name: NAME, value: token, ...ATTRIBUTES });
}

export function clearedDashboardCookie(): string {
  return stringifySetCookie({ name: NAME, value: "", maxAge: 0, ...ATTRIBUTES });
}
