import { type IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError } from "@byo-session/core";
import { believesForgedAddress } from "@byo-session/core/node";
import type Application from "koa";
import type { Context } from "koa";

/** The client's address as the app trusts it. */
export function ipOf({ ip }: Context): string {
  return ip;
}

/** A context for a request that did not reach Koa itself. */
export function contextOf(app: Application, raw: IncomingMessage): Context {
  return app.createContext(raw, new ServerResponse(raw));
}

/** @throws ConfigurationError `ERR_TRUST_PROXY` if any client could choose its address. */
export function checkProxy(app: Application): void {
  if (!believesForgedAddress((raw) => ipOf(contextOf(app, raw)), app.proxyIpHeader)) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "`proxy: true` without `maxIpsCount`, or with a very high one, trusts the left-most address of X-Forwarded-For, which " +
      "anyone can forge. Set it to the number of your proxies, as in new Koa({ proxy: true, maxIpsCount: 1 }), or pass " +
      "`clientIp`",
  );
}
