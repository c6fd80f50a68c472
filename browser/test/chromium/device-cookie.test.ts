import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { fetchIn, setUpChromium } from "./world.ts";

const world = setUpChromium();
const LIFE_SECS = 600;
/** At three fifths of the cookie's life. */
const DUE_SECS = 360;

const proofs = () => world.app.requestsFor("/session").length;

/** A tab with a new device cookie, on a clock that the test moves. */
async function openWithCookie(): Promise<Page> {
  await world.profile.clock.install();
  const page = await world.openReadyTab();
  world.app.deviceCookieSecs = LIFE_SECS;
  expect(await fetchIn(page, "/api/hello")).toBe(200);
  return page;
}

/** Advances the page's time second by second, running every timer and answering what the timers send. */
async function pass(page: Page, secs: number): Promise<void> {
  await page.clock.runFor(secs * 1000);
  await page.evaluate(() => navigator.locks.request("byo-session:device-cookie", () => undefined));
}

async function use(page: Page): Promise<void> {
  await page.keyboard.press("Shift");
  await pass(page, 1);
}

function setVisibility(page: Page, state: "hidden" | "visible"): Promise<void> {
  return page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

describe("a page in use", () => {
  it("renews the device cookie before it expires, again and again", async () => {
    const page = await openWithCookie();
    await pass(page, DUE_SECS - 2);
    expect(proofs()).toBe(0);
    for (const round of [1, 2, 3]) {
      await use(page);
      await pass(page, DUE_SECS);
      expect(proofs()).toBe(round);
    }
    expect(world.app.requestsFor("/session")).toMatchObject(Array(3).fill({ method: "GET", status: 200 }));
  });

  it("asks again within the cookie's lifetime if it was too early for a new one", async () => {
    const page = await openWithCookie();
    world.app.deviceCookieSecs = 0;
    await pass(page, DUE_SECS);
    expect(proofs()).toBe(1);
    await use(page);
    await pass(page, LIFE_SECS * 0.45 - 10);
    expect(proofs()).toBe(1);
    await pass(page, 20);
    expect(proofs()).toBe(2);
  });

  it("does not loop if the clock was set back", async () => {
    const page = await openWithCookie();
    world.app.deviceCookieSecs = 0;
    await page.clock.setSystemTime(Date.now() - 5 * 3_600_000);
    for (let minute = 0; minute < 4; minute++) {
      await use(page);
      await pass(page, 60);
    }
    expect(proofs()).toBe(1);
  });

  it("continues in its own memory if storage is disabled", async () => {
    await world.profile.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    const page = await openWithCookie();
    await pass(page, DUE_SECS);
    expect(proofs()).toBe(1);
  });

  it("tries again after a failure, and not at once", async () => {
    const page = await openWithCookie();
    world.app.whoAmI.status = 503;
    world.app.deviceCookieSecs = 0;
    await pass(page, DUE_SECS);
    expect(proofs()).toBe(1);
    await pass(page, 8);
    expect(proofs()).toBe(1);
    await pass(page, 4);
    expect(proofs()).toBe(2);
  });
});

describe("nothing is sent", () => {
  it("by an unused page; the first sign of use renews", async () => {
    const page = await openWithCookie();
    await pass(page, DUE_SECS);
    expect(proofs()).toBe(1);
    await pass(page, 4 * 3600);
    expect(proofs()).toBe(1);
    await use(page);
    expect(proofs()).toBe(2);
  });

  it("by a hidden page, nor after it slept, until it is visible", async () => {
    const page = await openWithCookie();
    await setVisibility(page, "hidden");
    await pass(page, DUE_SECS);
    // The machine sleeps: no timer fires until it wakes, and then each fires once.
    await page.clock.fastForward(8 * 3_600_000);
    await pass(page, 1);
    expect(proofs()).toBe(0);
    await setVisibility(page, "visible");
    await pass(page, 1);
    expect(proofs()).toBe(1);
  });

  it.each([
    ["refused", { status: 401, hasDeviceRegistered: false }],
    ["without a device, as after a logout by a form", { status: 200, hasDeviceRegistered: false }],
  ])("more once the session is %s, until a response sets a cookie again", async (_what, whoAmI) => {
    const page = await openWithCookie();
    world.app.deviceCookieSecs = 0;
    world.app.whoAmI = whoAmI;
    await pass(page, DUE_SECS);
    for (let round = 0; round < 5; round++) {
      await use(page);
      await pass(page, 60);
    }
    expect(proofs()).toBe(1);
    world.app.deviceCookieSecs = LIFE_SECS;
    await fetchIn(page, "/api/hello");
    await use(page);
    await pass(page, DUE_SECS);
    expect(proofs()).toBe(2);
  });
});

describe("several tabs", () => {
  beforeEach(() => {
    world.app.deviceCookieSecs = 2;
  });

  it("make one renewal, though their timers fire at the same moment", async () => {
    const pages = await Promise.all([world.openReadyTab(), world.openReadyTab(), world.openReadyTab()]);
    expect(await fetchIn(pages[0] as Page, "/api/hello")).toBe(200);
    for (const page of pages) await page.keyboard.press("Shift");
    await expect.poll(proofs).toBe(1);
    await (pages[0] as Page).waitForTimeout(500);
    expect(proofs()).toBe(1);
  });
});
