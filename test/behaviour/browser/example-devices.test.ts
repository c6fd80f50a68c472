import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { launchChromium, launchProfile } from "../../harness/chromium.ts";
import { type ExampleApp, startExampleApp } from "../../harness/example-app.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";

let browser: Browser;
let app: ExampleApp;
beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startExampleApp("express", { TRUSTED_PROXIES: "1" })]);
});

/** Logs in by the form, with the box ticked that binds the session to this profile's key, and shows the account. */
async function logIn(page: Page, name: string, box: "Bind the session" | "Remember this device" = "Bind the session") {
  await page.goto(`${app.url}/login?returnTo=/account`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel(box).check();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${app.url}/account`);
}

/** The example's own way to request data; returns what its page shows. */
async function ask(page: Page, how: "proof" | "cookie alone"): Promise<string> {
  await page.locator("output").evaluate((output) => {
    output.textContent = "";
  });
  await page.getByRole("button", { name: `Ask with the ${how}` }).click();
  const output = page.locator("output:not(:empty)");
  await output.waitFor();
  return (await output.textContent()) ?? "";
}

async function endOf(name: string): Promise<unknown> {
  const [row] = await app.sidecar.sql("SELECT end_reason FROM byo.sessions WHERE user_id = $1", [name]);
  return row?.end_reason;
}

it("reports a new device at the first login from a profile, and not at the second", async () => {
  const page = await (await browser.newContext()).newPage();
  await logIn(page, "ada", "Remember this device");
  expect(await page.getByRole("alert").textContent()).toBe("You logged in from a new device.");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${app.url}/login`);
  await logIn(page, "ada", "Remember this device");
  expect(await page.getByRole("alert").count()).toBe(0);
});

async function sessionCookie(context: BrowserContext): Promise<{ name: string; value: string } | undefined> {
  return (await context.cookies()).find(({ name }) => name === "__Host-sessionToken");
}

it.each([
  ["the session cookie", "edith", 3600, ["__Host-sessionToken"], [401]],
  // Of other methods the path has no handler, which the default of the app lets a recent proof find out.
  ["all cookies in time", "hedy", 60, ["__Host-sessionToken", "__Host-byo-device"], [401, 404]],
])(
  "gives a thief with %s no token by rotation, whatever the request claims to be",
  async (_what, name, secs, names, gets) => {
    const owner = await (await browser.newContext()).newPage();
    await logIn(owner, name);
    const jar = (await owner.context().cookies()).filter((cookie) => names.includes(cookie.name));
    expect(jar).toHaveLength(names.length);
    await app.sidecar.advance(secs);
    const headers = {
      cookie: jar.map((cookie) => `${cookie.name}=${cookie.value}`).join("; "),
      "user-agent": await owner.evaluate(() => navigator.userAgent),
      "sec-fetch-site": "same-origin",
    };
    const matrix = [];
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
      for (const mode of ["navigate", "cors", "no-cors", "same-origin", "websocket", undefined]) {
        for (const accept of ["text/html", "application/json", "*/*"]) {
          const claims = {
            accept,
            ...(mode && { "sec-fetch-mode": mode, "sec-fetch-dest": mode === "navigate" ? "document" : "empty" }),
          };
          const request = { method, headers: { ...headers, ...claims }, redirect: "manual" } as const;
          const answer = await fetch(`${app.url}/api/secret`, request);
          matrix.push({ status: answer.status, setCookies: answer.headers.getSetCookie() });
        }
      }
    }
    expect(matrix).toHaveLength(90);
    expect(matrix.filter(({ status }) => !gets.includes(status))).toEqual([]);
    expect(matrix.filter(({ setCookies }) => setCookies.length > 0)).toEqual([]);
    expect(await endOf(name)).toBeNull();
  },
);

it("heals a cookie that a crash restored: the proof shows that it is the owner", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await logIn(page, "mary");
  const old = await context.cookies();
  for (const _ of [1, 2]) {
    await app.sidecar.advance(60);
    expect(await ask(page, "proof")).toContain("200 ");
    expect(await ask(page, "proof")).toContain("200 ");
  }
  await app.sidecar.advance(20);
  const current = await sessionCookie(context);
  expect(old.map(({ value }) => value)).not.toContain(current?.value);

  await context.addCookies(old);
  expect(await ask(page, "proof")).toContain("200 ");
  expect((await sessionCookie(context))?.value).toBe(current?.value);
  expect(await endOf("mary")).toBeNull();
});

function recordAnswers(page: Page): string[] {
  const answers: string[] = [];
  page.on("response", (response) => answers.push(`${new URL(response.url()).pathname} ${response.status()}`));
  return answers;
}

it("answers the end of a challenge and a change of the address unseen, each by one repetition", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await context.setExtraHTTPHeaders({ "x-forwarded-for": "203.0.113.7" });
  await logIn(page, "lise");
  await ask(page, "proof");
  // The page believes that its challenge is good for ten minutes; the sidecar knows better.
  await app.sidecar.advance(700);
  const answers = recordAnswers(page);
  expect(await ask(page, "proof")).toContain("200 ");
  expect(answers.splice(0)).toEqual(["/api/secret 425", "/api/secret 200"]);

  await context.setExtraHTTPHeaders({ "x-forwarded-for": "198.51.100.7" });
  expect(await ask(page, "proof")).toContain("200 ");
  expect(answers.splice(0)).toEqual(["/api/secret 425", "/api/secret 200"]);
  expect(await ask(page, "proof")).toContain("200 ");
  expect(answers).toEqual(["/api/secret 200"]);
});

it("makes 30 calls that meet the end of a challenge succeed, with at most one fetch of a new one", async () => {
  const page = await (await browser.newContext()).newPage();
  await logIn(page, "emmy");
  await ask(page, "proof");
  await app.sidecar.advance(700);
  const answers = recordAnswers(page);
  await page.getByRole("button", { name: "Ask 30 times" }).click();
  await page.getByText("30 × 200").waitFor();
  expect(answers.filter((answer) => answer === "/api/secret 200")).toHaveLength(30);
  expect(answers.filter((answer) => answer.startsWith("/session/challenge")).length).toBeLessThanOrEqual(1);
});

it("sends a form that takes a proof once more where its first sending met an old challenge", async () => {
  const page = await (await browser.newContext()).newPage();
  await logIn(page, "barbara");
  // The page before asks for a challenge of its own.
  await page.waitForLoadState("networkidle");
  const challenge = page.waitForResponse(`${app.url}/session/challenge`);
  await page.goto(`${app.url}/sessions`);
  await challenge;
  await app.sidecar.advance(700);
  const answers = recordAnswers(page);
  await page.getByRole("button", { name: "Log out everywhere else" }).click();
  await expect
    .poll(() => answers.filter((answer) => answer.startsWith("/sessions/end-others")))
    .toEqual(["/sessions/end-others 425", "/sessions/end-others 200"]);
});

it("has one key for two tabs, which no script can take along", async () => {
  const context = await browser.newContext();
  const [page, other] = await Promise.all([context.newPage(), context.newPage()]);
  await logIn(page, "dorothy");
  await other.goto(`${app.url}/account`);
  expect(await ask(other, "proof")).toContain("200 ");
  expect(await ask(page, "proof")).toContain("200 ");
  // Whatever the library keeps, in whatever database: no private key of it can be exported.
  const outcome = await page.evaluate(async () => {
    const results: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name ?? "");
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of db.objectStoreNames) {
        const values = await new Promise<unknown[]>((resolve) => {
          const request = db.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
        });
        for (const { privateKey } of values as CryptoKeyPair[]) {
          results.push(
            await crypto.subtle.exportKey("jwk", privateKey).then(
              () => "exported",
              (error) => error.name,
            ),
          );
        }
      }
    }
    return results;
  });
  expect(outcome).toEqual(["InvalidAccessError"]);
});

it("keeps the key when the browser is closed and opened again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "byo-profile-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  const before: BrowserContext = await launchProfile(folder);
  const page = await before.newPage();
  await logIn(page, "rosalind");
  expect(await ask(page, "proof")).toContain("200 ");
  await page.reload();
  expect(await ask(page, "proof")).toContain("200 ");
  const cookies = await before.cookies();
  await before.close();

  const after: BrowserContext = await launchProfile(folder);
  // Chromium writes its cookies every 30 seconds and may not have done so; the key is what is tried here.
  await after.addCookies(cookies);
  const again = await after.newPage();
  await again.goto(`${app.url}/account`);
  expect(await ask(again, "proof")).toContain("200 ");
  await after.close();
});
