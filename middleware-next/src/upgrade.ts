import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { answerUpgrade, headersOf } from "@byo-session/core/node/response";
import type { SessionParts } from "./parts.ts";
import { type Visit, viewOf } from "./visit.ts";

/** Only an application with a Node server of its own sees such a request: Next serves no WebSockets. */
export function authenticateUpgrade(parts: () => SessionParts, request: IncomingMessage): Promise<UpgradeResult> {
  return answerUpgrade(
    request,
    async () => {
      const { gate, options } = parts();
      const { method = "GET", url: target = "/" } = request;
      const headers = headersOf(request);
      // As Next's own server does, for `clientIp` to find.
      const { remoteAddress } = request.socket;
      if (remoteAddress && !headers.has("x-forwarded-for")) headers.set("x-forwarded-for", remoteAddress);
      const visit: Visit = {
        ...{ method, headers, target, routedTarget: target, basePath: "", isRender: false },
        url: `http://${headers.get("host") ?? "localhost"}${target}`,
        sink: { canWrite: false, write() {} },
      };
      return gate.authenticateUpgrade(visit, viewOf(visit, options));
    },
    // Nobody waits for it but the socket, and Next has no log of its own for an application's server.
    console.error,
  );
}
