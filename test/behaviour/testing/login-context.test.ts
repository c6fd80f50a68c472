import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { byoSession, requireSession } from "@byo-session/express";
import { loginContext, startTestSidecar, type TestSidecar } from "@byo-session/testing";
import express from "express";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";

let browser: Browser;
let sidecar: TestSidecar;
let url: string;
let close: () => void;

beforeAll(async () => {
  [browser, sidecar] = await Promise.all([launchChromium(), startTestSidecar()]);
  const app = express();
  app.use(byoSession({ ...connection(), device: "recent", publicUrl: () => url, routes: { prefix: "/session" } }));
  app.get("/me", requireSession(), (req, res) => res.json(req.session));
  app.get("/data", requireSession({ device: "proof" }), (_req, res) => void res.send("data"));
  const server = app.listen(0, "localhost");
  await once(server, "listening");
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  close = () => server.close();
});
afterAll(async () => {
  close?.();
  await sidecar?.stop();
});

function connection() {
  return { url: sidecar.url, integrationKey: sidecar.integrationKey };
}

it("opens a browser that is logged in", async () => {
  const context = await loginContext(browser, { url, client: sidecar.client, userId: "ada", tags: ["role:admin"] });
  const page = await context.newPage();
  expect((await page.goto(`${url}/me`))?.status()).toBe(200);
  expect(JSON.parse((await page.textContent("body")) ?? "")).toMatchObject({ userId: "ada", tags: ["role:admin"] });
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: "__Host-sessionToken", httpOnly: true, secure: true, sameSite: "Lax" });
  await context.close();
});

it("binds the session to the device key of that browser, which the app's own pages then use", async () => {
  const context = await loginContext(browser, { url, client: sidecar.client, device: { routesPrefix: "/session" } });
  const page = await context.newPage();
  await page.goto(`${url}/me`);
  expect(JSON.parse((await page.textContent("body")) ?? "")).toMatchObject({
    hasDeviceRegistered: true,
    deviceEvidence: "recent",
  });
  // The key of the library's first use is the one that is registered: a call without a proof is refused.
  expect(await page.evaluate(async () => (await fetch("/data")).status)).toBe(401);
  const keys = await page.evaluate(() => indexedDB.databases());
  expect(keys.map(({ name }) => name)).toEqual(["byo-session"]);
  await context.close();
});

it("says what a device needs, and leaves no browser open", async () => {
  const wrong = { url, client: sidecar.client, device: { routesPrefix: "/wrong" } };
  await expect(loginContext(browser, wrong)).rejects.toThrow("`routes: { prefix }`");
  expect(browser.contexts()).toEqual([]);
});
