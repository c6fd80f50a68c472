import { describe, expect, it } from "vitest";
import { fetchIn, setUpChromium } from "./world.ts";

const world = setUpChromium();

describe("what is sent", () => {
  it("is a POST body once, for each kind of body, even when a new challenge was required", async () => {
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    world.app.seen.length = 0;
    world.app.ip = "203.0.113.8";
    const sent = await page.evaluate(async () => {
      const form = new FormData();
      form.set("field", "form");
      const kinds: Record<string, [RequestInfo | URL, RequestInit?]> = {
        text: ["/api/text", { method: "POST", body: "text" }],
        blob: ["/api/blob", { method: "POST", body: new Blob(["blob"]) }],
        bytes: ["/api/bytes", { method: "POST", body: new TextEncoder().encode("bytes") }],
        search: ["/api/search", { method: "POST", body: new URLSearchParams({ q: "search" }) }],
        form: ["/api/form", { method: "POST", body: form }],
        request: [new Request("/api/request", { method: "PUT", body: "request", headers: { "x-app": "1" } })],
        replaced: [new Request("/api/replaced", { method: "POST", body: "old" }), { body: "new", method: "PATCH" }],
      };
      const answers = Object.entries(kinds).map(async ([kind, [input, init]]) => {
        const { status } = await byo.fetchWithDevice(input, init);
        return [kind, status];
      });
      return Object.fromEntries(await Promise.all(answers));
    });
    expect(sent).toEqual({ text: 200, blob: 200, bytes: 200, search: 200, form: 200, request: 200, replaced: 200 });
    const done = world.app.seen.filter(({ status }) => status === 200);
    expect(done.map(({ method, body }) => [method, body.includes("form-data") ? "form" : body]).sort()).toEqual([
      ["PATCH", "new"],
      ["POST", "blob"],
      ["POST", "bytes"],
      ["POST", "form"],
      ["POST", "q=search"],
      ["POST", "text"],
      ["PUT", "request"],
    ]);
    expect(done.find(({ path }) => path === "/api/request")?.headers["x-app"]).toBe("1");
    for (const { path, headers } of done) expect(headers["content-length"], path).toBeDefined();
  });

  it("is what it was when fetchWithDevice was called", async () => {
    const page = await world.openReadyTab();
    await page.evaluate(async () => {
      const body = new TextEncoder().encode("as it was");
      const headers = new Headers({ "x-app": "1" });
      const answer = byo.fetchWithDevice("/api/hello", { method: "POST", body, headers });
      body.fill(0);
      headers.delete("x-app");
      await answer;
    });
    expect(world.app.requestsFor("/api/hello")).toMatchObject([{ body: "as it was", headers: { "x-app": "1" } }]);
  });

  it("goes where a relative URL points, with query and fragment outside of the proof", async () => {
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "api/../api/hello?q=1#top")).toBe(200);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(1);
  });

  it("needs no option to take the place of fetch", async () => {
    const page = await world.openReadyTab();
    const status = await page.evaluate(async () => {
      window.fetch = byo.fetchWithDevice;
      byo.initFetchWithDevice();
      return (await fetch("/api/hello")).status;
    });
    expect(status).toBe(200);
  });

  it("is a registration by the ready-made route", async () => {
    const page = await world.openReadyTab();
    expect(await page.evaluate(async () => (await byo.registerDevice()).status)).toBe(200);
    expect(world.app.requestsFor("/session/device")).toMatchObject([
      { method: "POST", thumbprint: expect.any(String) },
    ]);
  });

  it("is not sent again if a redirect led to the demand for a new challenge", async () => {
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/moved", { method: "POST", body: "once" })).toBe(425);
    expect(world.app.requestsFor("/open/425")).toHaveLength(1);
  });
});

describe("what goes wrong", () => {
  it("rejects an aborted request at once, while others keep waiting", async () => {
    let release = () => {};
    world.app.beforeChallenge = new Promise((resolve) => {
      release = resolve;
    });
    const page = await world.openReadyTab();
    const reason = await page.evaluate(async () => {
      const other = byo.fetchWithDevice("/api/other");
      Object.assign(globalThis, { other });
      const controller = new AbortController();
      const answer = byo.fetchWithDevice(new Request("/api/hello", { signal: controller.signal }));
      setTimeout(() => controller.abort(), 20);
      return answer.then(
        () => "answered",
        (error: Error) => error.name,
      );
    });
    expect(reason).toBe("AbortError");
    const early = await page.evaluate(() =>
      byo.fetchWithDevice("/api/hello", { signal: AbortSignal.abort("why") }).catch(String),
    );
    expect(early).toBe("why");
    release();
    expect(await page.evaluate(async () => (await Reflect.get(globalThis, "other")).status)).toBe(200);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(0);
  });

  it("fails without a challenge, or is sent without a proof if so configured", async () => {
    world.app.challengeFailure = 503;
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toMatch(/DeviceError: GET \/session\/challenge answered 503/);
    expect(world.app.requestsFor("/api/hello")).toHaveLength(0);
    await page.evaluate(() => byo.initFetchWithDevice({ fallbackBehavior: "fetch-without-device" }));
    expect(await fetchIn(page, "/api/hello", { method: "POST", body: "once" })).toBe(401);
    expect(world.app.requestsFor("/api/hello")).toMatchObject([{ body: "once" }]);
    world.app.challengeFailure = undefined;
    expect(await fetchIn(page, "/api/hello")).toBe(200);
  });

  it("says so if it was not set up, or set up wrongly", async () => {
    const page = await world.openTab();
    expect(await fetchIn(page, "/api/hello")).toMatch("Call initFetchWithDevice() once");
    const refused = (origin: string) =>
      page.evaluate((origin) => {
        try {
          return byo.initFetchWithDevice({ deviceOrigins: [origin] });
        } catch (error) {
          return String(error);
        }
      }, origin);
    expect(await refused("api.example.com")).toMatch("expected an origin such as https://api.example.com");
    expect(await refused("file:///x")).toMatch("expected an origin such as https://api.example.com");
    expect(await refused("https://api.example.com/")).toBeUndefined();
  });
});
