import { parseCookie, stringifySetCookie } from "cookie";

/** `__Host-`: set by this host only, over https or loopback only, for all paths. */
const NAME = "__Host-byo_dashboard";

const ATTRIBUTES = { path: "/", httpOnly: true, secure: true, sameSite: "strict" } as const;

/** The token of the request. Undefined if the cookie comes twice: one of the two was planted. */
export function readDashboardCookie(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const times = header.split(";").filter((pair) => pair.split("=")[0]?.trim() === NAME).length;
  return times === 1 ? parseCookie(header)[NAME] : undefined;
}

/** The browser deletes it when it closes; the server may end the login earlier. */
export function dashboardCookie(token: string): string {
  return stringifySetCookie({ name: NAME, value: token, ...ATTRIBUTES });
}

export function clearedDashboardCookie(): string {
  return stringifySetCookie({ name: NAME, value: "", maxAge: 0, ...ATTRIBUTES });
}
