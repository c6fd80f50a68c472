import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Express, Response } from "express";
import { beforeAll, describe, expect, test } from "vitest";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, EXPRESS_VERSIONS, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

/** Longer than the rotation interval: the next request of a session is answered with a successor. */
const UNTIL_ROTATION_SECS = 3700;

type Handler = (res: Response) => unknown;

/** Every way in which an Express app can end a response. */
const ENDINGS: Record<string, Handler> = {
  json: (res) => res.json({}),
  send: (res) => res.send("text"),
  "a thrown error": () => {
    throw new Error("thrown on purpose");
  },
  redirect: (res) => res.redirect("/elsewhere"),
  "an empty 204": (res) => res.sendStatus(204),
  "a 304": (res) => res.status(304).end(),
  "res.end alone": (res) => res.end(),
  "res.write, then end": (res) => {
    res.write("one ");
    res.end("two");
  },
  "a piped stream": (res) => Readable.from(["a", "b"]).pipe(res),
  "stream.pipeline": (res) => void pipeline(Readable.from(["a", "b"]), res),
  "flushHeaders, then a body": (res) => {
    res.flushHeaders();
    setTimeout(() => res.end("later"), 5);
  },
  "writeHead without headers": (res) => res.writeHead(200).end(),
  "writeHead with an object": (res) => res.writeHead(200, { "X-Own": "1" }).end(),
  "writeHead with a message and an object": (res) => res.writeHead(200, "Fine", { "X-Own": "1" }).end(),
  "writeHead with an array": (res) => res.writeHead(200, ["X-Own", "1"]).end(),
  "res.cookie": (res) => res.cookie("own", "1").end(),
  "its own Set-Cookie header": (res) => {
    res.setHeader("Set-Cookie", "own=1");
    res.end();
  },
  "its own Set-Cookie list": (res) => {
    res.setHeader("Set-Cookie", ["own=1", "second=2"]);
    res.end();
  },
  "writeHead with its own Set-Cookie": (res) => res.writeHead(200, { "Set-Cookie": ["own=1"] }).end(),
  "writeHead with an array of its own cookies": (res) =>
    res.writeHead(200, ["Set-Cookie", "own=1", "Set-Cookie", "second=2"]).end(),
  "headers removed one by one": (res) => {
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    res.end();
  },
  "an invalid status, then the error page": (res) => res.writeHead(9999),
  "an invalid header, then the error page": (res) => res.writeHead(200, { "X-Bad": "a\nb" }),
};

function addEndings(app: Express): void {
  for (const [name, end] of Object.entries(ENDINGS))
    app.all(`/${encodeURIComponent(name)}`, (_req, res) => void end(res));
}

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe.each(EXPRESS_VERSIONS)("%s: the successor's Set-Cookie survives", (_name, create) => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({ create, sidecarUrl: sidecar.url, routes: addEndings });
  });

  test.each(Object.keys(ENDINGS))("%s", async (name) => {
    const browser = await app.loggedIn();
    const before = await browser.cookie(COOKIE);
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const answer = await browser.fetch(`/${encodeURIComponent(name)}`);
    const ours = answer.setCookies.filter((line) => line.startsWith(COOKIE));
    expect(ours).toHaveLength(1);
    expect(await browser.cookie(COOKIE)).not.toBe(before);
    expect(answer.headers["cache-control"]).toBe("private, no-store");
    expect(String(answer.headers.vary)).toMatch(/\bCookie\b/);
    const own = answer.setCookies.filter((line) => !line.startsWith(COOKIE));
    expect(own.map((line) => line.split(";")[0])).toEqual(ownCookiesOf(name));
  });

  test("HEAD", async () => {
    const browser = await app.loggedIn();
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const answer = await browser.fetch("/open", { method: "HEAD" });
    expect(answer.setCookies.filter((line) => line.startsWith(COOKIE))).toHaveLength(1);
  });

  test("a path that no route serves", async () => {
    const browser = await app.loggedIn();
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const answer = await browser.fetch("/nowhere");
    expect(answer.status).toBe(404);
    expect(answer.setCookies).toHaveLength(1);
  });
});

describe("Express 5", () => {
  test("a rejected handler keeps the successor's Set-Cookie", async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (express) => express.get("/rejects", async () => Promise.reject(new Error("rejected on purpose"))),
    });
    const browser = await app.loggedIn();
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const answer = await browser.fetch("/rejects");
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toHaveLength(1);
  });
});

describe("what a response says to caches", () => {
  test("an app's own caching headers give way where the cookie is set, and only there", async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (express) =>
        express.get("/cached", (_req, res) => {
          res.set({
            "Cache-Control": "public, max-age=600",
            "CDN-Cache-Control": "max-age=600",
            "Surrogate-Control": "max-age=600",
            Vary: "Accept-Encoding",
          });
          res.send("public page");
        }),
    });
    const browser = await app.loggedIn();
    const plain = await browser.fetch("/cached");
    expect(plain.headers["cache-control"]).toBe("public, max-age=600");
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const rotating = await browser.fetch("/cached");
    expect(rotating.setCookies).toHaveLength(1);
    expect(rotating.headers["cache-control"]).toBe("private, no-store");
    expect(rotating.headers.vary).toBe("Accept-Encoding, Cookie");
    expect(rotating.headers).not.toHaveProperty("cdn-cache-control");
    expect(rotating.headers).not.toHaveProperty("surrogate-control");
  });

  test("a guard's answer is never stored, whatever the app has set by then", async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      before: (express) =>
        express.use((_req, res, next) => {
          res.set({
            "Cache-Control": "public",
            "CDN-Cache-Control": "max-age=600",
            "Surrogate-Control": "max-age=600",
          });
          next();
        }),
    });
    const { headers } = await app.browser().fetch("/me");
    expect(headers).toMatchObject({ "cache-control": "private, no-store", vary: "Cookie" });
    expect(headers).not.toHaveProperty("cdn-cache-control");
    expect(headers).not.toHaveProperty("surrogate-control");
  });

  test("a session that does not rotate sets no cookie", async () => {
    const app = await startSessionsApp({ sidecarUrl: sidecar.url });
    const browser = await app.loggedIn();
    expect((await browser.fetch("/open")).setCookies).toEqual([]);
  });
});

function ownCookiesOf(ending: string): string[] {
  if (ending.includes("list") || ending.includes("array of its own")) return ["own=1", "second=2"];
  return /cookie/i.test(ending) ? ["own=1"] : [];
}
