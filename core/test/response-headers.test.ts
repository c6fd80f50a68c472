import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sinkOf } from "../src/node/bridge.ts";

const OURS = "__Host-sessionToken=next; Path=/";
const CACHED = {
  "cache-control": "public, max-age=600",
  "Acme-CDN-Cache-Control": "max-age=600",
  "surrogate-CONTROL": "max-age=600",
};

/** How an app may write what shared caches go by, after we have decided on a cookie. */
const WRITERS: Record<string, (res: ServerResponse) => unknown> = {
  setHeader(res) {
    for (const [name, value] of Object.entries(CACHED)) res.setHeader(name, value);
    res.end();
  },
  "setHeader with lists": (res) => res.setHeader("CDN-Cache-Control", ["public", "max-age=600"]).end(),
  appendHeader: (res) => res.appendHeader("X-Accel-Expires", "600").appendHeader("Expires", "0").end(),
  setHeaders: (res) => res.setHeaders(new Headers(CACHED)).end(),
  "writeHead with an object": (res) => res.writeHead(200, CACHED).end(),
  "writeHead with an object that has lists": (res) =>
    res.writeHead(200, "OK", { "EDGE-control": ["max-age=600"] }).end(),
  "writeHead with a flat list": (res) => res.writeHead(200, Object.entries(CACHED).flat()).end(),
  // Node accepts it, although its types do not say so.
  "writeHead with a list of pairs": (res) => Reflect.apply(res.writeHead, res, [200, Object.entries(CACHED)]).end(),
  "a stream that was begun": (res) =>
    res.setHeader("Vercel-CDN-Cache-Control", "max-age=600").write("a") && res.end("b"),
  "headers that are sent early": (res) => {
    res.writeHead(200, { "Cloudflare-CDN-Cache-Control": "max-age=600" }).flushHeaders();
    res.end();
  },
  trailers(res) {
    res.setHeader("Trailer", "CDN-Cache-Control");
    res.write("a");
    res.addTrailers({ "CDN-Cache-Control": "max-age=600" });
    res.end();
  },
};

/** As on-headers does it, for a middleware that is in front of us: it has its say after us. */
function inFront(res: ServerResponse, listener: (res: ServerResponse) => void): void {
  const { writeHead } = res;
  res.writeHead = (...args: unknown[]) => {
    listener(res);
    return Reflect.apply(writeHead, res, args);
  };
}

const IN_FRONT: Record<string, (res: ServerResponse) => void> = {
  "a middleware in front that sets headers": (res) => {
    for (const [name, value] of Object.entries(CACHED)) res.setHeader(name, value);
  },
  "a middleware in front that takes the cookies for its own": (res) => res.setHeader("Set-Cookie", "own=1"),
  "a middleware in front that appends": (res) => res.appendHeader("Surrogate-Control", "max-age=600"),
};

const server = createServer((req, res) => {
  const name = decodeURIComponent(req.url?.slice(1) ?? "");
  const listener = IN_FRONT[name];
  if (listener) inFront(res, listener);
  sinkOf(res).write({ setCookies: [OURS], dropWhenLate: true });
  if (listener) res.end();
  else WRITERS[name]?.(res);
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it.each(Object.keys({ ...WRITERS, ...IN_FRONT }))(
  "no shared cache keeps a new cookie, whatever it is told by %s",
  async (name) => {
    const { status, headers } = await fetch(`${url}/${encodeURIComponent(name)}`);
    expect(status).toBe(200);
    expect(headers.getSetCookie().filter((line) => line === OURS)).toEqual([OURS]);
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("vary")).toBe("Cookie");
    const ofCaches = [...headers.keys()].filter((key) =>
      /(.-cache-control|surrogate-control|edge-control|expires)$/.test(key),
    );
    expect(ofCaches).toEqual([]);
  },
);
