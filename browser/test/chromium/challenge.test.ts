import { beforeEach, describe, expect, it } from "vitest";
import { fetchIn, setUpChromium } from "./world.ts";

const world = setUpChromium();

describe("a new challenge", () => {
  it.each([425, 401] as const)(
    "is signed without the page seeing the %d: 30 at once succeed, each done once",
    async (status) => {
      world.app.challengeStatus = status;
      const page = await world.openReadyTab();
      expect(await fetchIn(page, "/api/hello")).toBe(200);
      world.app.seen.length = 0;
      world.app.ip = "203.0.113.8";
      const statuses = await page.evaluate(() =>
        Promise.all(
          Array.from({ length: 30 }, async (_, index) => (await byo.fetchWithDevice(`/api/item/${index}`)).status),
        ),
      );
      expect(statuses).toEqual(Array(30).fill(200));
      expect(
        world.app.seen.filter((request) => request.status === 200 && request.path.startsWith("/api/")),
      ).toHaveLength(30);
      expect(world.app.seen.some((request) => request.status === status)).toBe(true);
      // Each refusal brought one along.
      expect(world.app.requestsFor("/session/challenge")).toHaveLength(0);
      expect(await fetchIn(page, "/api/hello")).toBe(200);
      expect(world.app.requestsFor("/api/hello")).toHaveLength(1);
    },
  );

  it("is fetched once for 30 answers that do not bring it", async () => {
    world.app.bareAnswers = true;
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    world.app.seen.length = 0;
    world.app.ip = "203.0.113.8";
    const statuses = await page.evaluate(() =>
      Promise.all(Array.from({ length: 30 }, async () => (await byo.fetchWithDevice("/api/hello")).status)),
    );
    expect(statuses).toEqual(Array(30).fill(200));
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(1);
  });

  it("is fetched at the first sign of use, so that the request after it need not wait; a page left alone asks for none", async () => {
    await world.profile.clock.install();
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    world.app.seen.length = 0;
    await page.clock.runFor(3_600_000);
    expect(world.app.seen).toEqual([]);
    await page.keyboard.press("Shift");
    await expect.poll(() => world.app.requestsFor("/session/challenge").length).toBe(1);
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(world.app.seen.map(({ path }) => path)).toEqual(["/session/challenge", "/api/hello"]);
  });

  it("is fetched once for 30 requests after the old one's life, which need no second try then", async () => {
    world.app.lifetimeSecs = 2;
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    await page.waitForTimeout(2_100);
    world.app.seen.length = 0;
    world.app.lifetimeSecs = 600;
    const statuses = await page.evaluate(() =>
      Promise.all(Array.from({ length: 30 }, async () => (await byo.fetchWithDevice("/api/hello")).status)),
    );
    expect(statuses).toEqual(Array(30).fill(200));
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(1);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(30);
  });

  it("is signed once: the second refusal is the page's", async () => {
    world.app.refuseAll = true;
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(425);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(2);
  });

  it("comes from the app's own functions, whose callback may read the body", async () => {
    const page = await world.openTab();
    const answers = await page.evaluate(async () => {
      const read = async (response: Response) => {
        const { deviceChallenge, expiresAt } = await response.json();
        return { deviceChallenge, expiresAt: new Date(expiresAt * 1000) };
      };
      byo.initFetchWithDevice({
        fetchChallenge: async () => read(await fetch("/session/challenge")),
        getChallengeFromFailedResponse: async (response) => (response.status === 425 ? read(response) : undefined),
        fallbackBehavior: "fail",
      });
      return [await byo.fetchWithDevice("/api/hello").then((response) => response.json())];
    });
    expect(answers).toEqual([{ thumbprint: expect.any(String) }]);
    world.app.ip = "203.0.113.8";
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    world.app.refuseAll = true;
    const body = await page.evaluate(async () => (await byo.fetchWithDevice("/api/hello")).json());
    expect(body).toMatchObject({ errorType: "NewDeviceChallengeRequired" });
  });
});

describe.each([-5, 5])("a clock that is %d hours wrong", (hours) => {
  beforeEach(() =>
    world.profile.addInitScript((offsetMs) => {
      const now = Date.now;
      Date.now = () => now() + offsetMs;
    }, hours * 3_600_000),
  );

  it("costs nothing with the ready-made routes", async () => {
    const page = await world.openReadyTab();
    for (let round = 0; round < 5; round++) expect(await fetchIn(page, "/api/hello")).toBe(200);
    world.app.ip = "203.0.113.8";
    for (let round = 0; round < 5; round++) expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(1);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(11);
  });

  it("does not break the app's own functions", async () => {
    const page = await world.openTab();
    await page.evaluate(() =>
      byo.initFetchWithDevice({
        fetchChallenge: async () => {
          const { deviceChallenge, expiresAt } = await (await fetch("/session/challenge")).json();
          return { deviceChallenge, expiresAt: new Date(expiresAt * 1000) };
        },
      }),
    );
    for (let round = 0; round < 5; round++) expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(1);
  });
});
