import { request } from "node:http";
import { serve } from "./serve.ts";

/** What a reverse proxy does to the path of a request before the application receives it. */
export interface PathChange {
  /** Taken away; what is not below it is the proxy's own 404. */
  readonly removes?: string;
  /** Put in front of the rest. */
  readonly adds?: string;
}

/** A reverse proxy in front of an application, which changes paths and leaves all else alone. Gives its address. */
export async function startPathProxy(app: string, { removes = "", adds = "" }: PathChange): Promise<string> {
  const { url } = await serve((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const rest = path.slice(removes.length);
    if (!path.startsWith(removes) || (removes !== "" && !/^(?:[/?]|$)/.test(rest))) {
      outgoing.writeHead(404).end("not of this application");
      return;
    }
    const received = adds + (rest.startsWith("/") ? rest : `/${rest}`);
    const { method, headers } = incoming;
    const passed = request(app, { path: received, method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return url;
}
