import type { Gate, UpgradeResult } from "@byo-session/core";
import type { SessionOptions } from "./options.ts";
import { type Visit, viewOf } from "./visit.ts";

/** What is read of a request that opens a WebSocket: Node's own `IncomingMessage` fits. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Only an application with a Node server of its own sees such a request: Next serves no WebSockets. */
export function authenticateUpgrade(
  { gate, options }: { gate: Gate<Visit>; options: SessionOptions },
  request: UpgradeRequest,
): Promise<UpgradeResult> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, [value].flat().join(", "));
  }
  const target = request.url ?? "/";
  const visit: Visit = {
    ...{ method: request.method ?? "GET", headers, target, routedTarget: target, basePath: "" },
    url: `http://${headers.get("host") ?? "localhost"}${target}`,
    isRender: false,
    sink: { canWrite: false, write() {} },
  };
  return gate.authenticateUpgrade(visit, viewOf(visit, options));
}
