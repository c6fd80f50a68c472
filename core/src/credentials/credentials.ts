import type { PresentedToken, SessionCookie } from "../cookies/session-cookie.ts";
import type { RequestView } from "../request/request-view.ts";

/** The tokens of a request, and how it sent them. */
export interface Credentials {
  readonly via: "cookie" | "bearer" | "both";
  readonly tokens: readonly PresentedToken[];
}

export function readCredentials(
  view: RequestView,
  { cookie, settings }: { readonly cookie: SessionCookie; readonly settings: { readonly bearer: boolean } },
): Credentials {
  const cookies = cookie.read(view);
  const bearer = settings.bearer ? bearerToken(view) : undefined;
  if (bearer === undefined) return { via: "cookie", tokens: cookies };
  const tokens = [{ token: bearer, persistent: true }];
  return cookies.length === 0 ? { via: "bearer", tokens } : { via: "both", tokens: [...cookies, ...tokens] };
}

function bearerToken(view: RequestView): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(view.header("authorization") ?? "") ?? [];
  return token;
}
