import { ImpersonationBanner, type ImpersonationBannerProps } from "@byo-session/browser/react";
import { byoSession, requireSession } from "@byo-session/express";
import express from "express";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { launchChromium } from "../../../harness/chromium.ts";
import { serve } from "../../../harness/serve.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";

const html = (props: ImpersonationBannerProps) => renderToString(createElement(ImpersonationBanner, props));

const EMPLOYEE = "ada@support.example";

async function startApp() {
  const sidecar = await startTestSidecar({
    configFiles: {
      "user_impersonation.jsonc": { enabled: true, who_can_impersonate: { allowed_employee_emails: [EMPLOYEE] } },
    },
  });
  const app = express();
  const { url, integrationKey } = sidecar;
  app.use(byoSession({ url, integrationKey, routes: { prefix: "/session" } }));
  app.get("/login", async (req, res) => {
    await req.byo.login({ userId: "ada" });
    res.redirect("/");
  });
  app.get("/", requireSession(), (req, res) => {
    const start = '<form method="post" action="/impersonate"><button>Look as the customer</button></form>';
    res.send(`<!doctype html>${html({ session: req.session })}<h1>${req.session?.userId}</h1>${start}`);
  });
  app.post("/impersonate", async (req, res) => {
    await req.byo.impersonate({ employeeEmail: EMPLOYEE, targetUserId: "customer" });
    res.redirect(303, "/");
  });
  return serve(app);
}

it("is there while an employee acts as a user, and ends that without any script", async () => {
  const [{ url }, browser] = await Promise.all([startApp(), launchChromium()]);
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(`${url.replace("127.0.0.1", "localhost")}/login`);
  expect(await page.locator("h1").textContent()).toBe("ada");
  expect(await page.getByRole("status").count()).toBe(0);
  await page.getByText("Look as the customer").click();
  await page.getByRole("status").waitFor();
  expect(await page.locator("h1").textContent()).toBe("customer");
  expect(await page.getByRole("status").textContent()).toBe(`${EMPLOYEE} acts as customer.Stop`);
  await page.getByText("Stop").click();
  await page.getByRole("status").waitFor({ state: "detached" });
  expect(await page.locator("h1").textContent()).toBe("ada");
});

it("takes the app's own words, and the prefix of its routes", () => {
  const session = {
    ...{ sessionId: "s", userId: "customer", createdAt: 1, expiresAt: 2, authenticatedAt: 1, tags: [] },
    ...{ hasDeviceRegistered: false, deviceEvidence: "none" as const },
    impersonator: { employeeEmail: EMPLOYEE, userId: "ada", sessionId: "own" },
  };
  const given = { session, routesPrefix: "/shop/session/", children: "Support is here", stop: "Leave" };
  expect(html({ ...given, className: "bar" })).toBe(
    '<div role="status" class="bar"><span>Support is here</span>' +
      '<form action="/shop/session/stop-impersonating/" method="post"><button type="submit">Leave</button></form></div>',
  );
  expect(html({ session: null })).toBe("");
});
