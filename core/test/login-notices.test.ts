import { expect, it } from "vitest";
import { createLoginNotices } from "../src/gate/login-notices.ts";
import type { RequestView } from "../src/request/request-view.ts";

function login(headers: Record<string, string>, clientIp?: string): RequestView {
  return { method: "POST", target: "/login", clientIp, header: (name) => headers[name] };
}

function linesOf(views: RequestView[], isCookieSecure = true): string[] {
  const lines: string[] = [];
  const notice = createLoginNotices(isCookieSecure, (line) => lines.push(line));
  for (const view of views) notice(view);
  return lines;
}

const ON_HTTP = login({ host: "192.168.1.5:3000", origin: "http://192.168.1.5:3000" });
const BEHIND_PROXY = login({ "x-forwarded-for": "203.0.113.9" }, "::ffff:10.0.0.1");

it("a login over http, whose cookie the browser drops, is logged once", () => {
  expect(linesOf([ON_HTTP, ON_HTTP])).toEqual([expect.stringMatching(/drops the session cookie.*Use https/)]);
  expect(linesOf([ON_HTTP], false)).toEqual([]);
});

it("a login through a proxy that hides the client is logged once", () => {
  expect(linesOf([BEHIND_PROXY, BEHIND_PROXY])).toEqual([expect.stringMatching(/proxy's address.*`clientIp`/)]);
});

it.each([
  ["https", login({ host: "app.example.com", origin: "https://app.example.com" })],
  ["localhost", login({ host: "localhost:3000", origin: "http://localhost:3000" })],
  ["a subdomain of localhost", login({ host: "shop.localhost:3000", origin: "http://shop.localhost:3000" })],
  ["this machine by its address", login({ host: "[::1]:3000", origin: "http://[::1]:3000" })],
  ["a page of another host", login({ host: "api.example.com", origin: "http://dev.example.com" })],
  ["no browser", login({ host: "10.0.0.7" })],
  ["a proxy that is trusted", login({ "x-forwarded-for": "10.1.2.3, 10.0.0.1" }, "10.1.2.3")],
  ["a client that forges the header", login({ "x-forwarded-for": "203.0.113.9" }, "198.51.100.7")],
])("nothing is logged for %s", (_name, view) => {
  expect(linesOf([view])).toEqual([]);
});

it("what a client sends is never in the line", () => {
  const forged = login({ host: "evil\n{}", origin: "http://evil\n{}", "x-forwarded-for": "evil\n{}" }, "10.0.0.1");
  expect(linesOf([forged]).join("")).not.toMatch(/evil|\n/);
});
