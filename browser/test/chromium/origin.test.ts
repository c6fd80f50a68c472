import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DeviceServer, startDeviceServer } from "../device-server.ts";
import { fetchIn, setUpChromium } from "./world.ts";

const world = setUpChromium();

describe("another origin", () => {
  let other: DeviceServer;
  beforeEach(async () => {
    other = await startDeviceServer("");
  });
  afterEach(() => other.close());

  it("gets no proof, and its demand for one is ignored", async () => {
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(await fetchIn(page, `${other.origin}/open/425`, { credentials: "include" })).toBe(425);
    expect(await fetchIn(page, `${other.origin}/open/200`)).toBe(200);
    expect(other.seen.map(({ headers }) => headers.dpop)).toEqual([undefined, undefined]);
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(1);
  });

  it("gets proofs where it is one of deviceOrigins, its challenges too", async () => {
    const page = await world.openTab();
    await page.evaluate(
      (origin) => byo.initFetchWithDevice({ deviceOrigins: [origin], routesPrefix: `${origin}/session` }),
      other.origin,
    );
    expect(await fetchIn(page, `${other.origin}/api/hello`)).toBe(200);
    other.ip = "203.0.113.8";
    expect(await fetchIn(page, `${other.origin}/api/hello`, { method: "POST", body: "once" })).toBe(200);
    expect(other.seen.filter(({ status, body }) => status === 200 && body === "once")).toHaveLength(1);
    expect(world.app.requestsFor("/session/challenge")).toHaveLength(0);
  });
});
