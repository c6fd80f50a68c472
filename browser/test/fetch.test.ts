import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeviceFetch, type FetchWithDeviceOptions } from "../src/fetch.ts";
import { type DeviceServer, startDeviceServer } from "./device-server.ts";

// By Node's fetch: Chromium sends streams over HTTP/2 only, and always has WebCrypto on a loopback address.
describe("fetchWithDevice", () => {
  let app: DeviceServer;

  beforeEach(async () => {
    app = await startDeviceServer("");
    vi.stubGlobal("indexedDB", new IDBFactory());
    vi.stubGlobal("location", new URL(app.origin));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    await app.close();
  });

  const deviceFetch = (options: FetchWithDeviceOptions = {}) =>
    createDeviceFetch({ routesPrefix: `${app.origin}/session`, ...options }, fetch).fetch;

  function post(body: string): RequestInit & { duplex: "half" } {
    return { method: "POST", body: new Blob([body]).stream(), duplex: "half" };
  }

  it("sends a stream once: the page gets the answer that asks for another proof, and the next request has it", async () => {
    const fetchWithDevice = deviceFetch();
    expect((await fetchWithDevice(`${app.origin}/api/stream`, post("first"))).status).toBe(200);
    app.ip = "203.0.113.8";
    const refused = await fetchWithDevice(`${app.origin}/api/stream`, post("second"));
    expect(refused.status).toBe(425);
    expect(await refused.json()).toMatchObject({ errorType: "NewDeviceChallengeRequired" });
    expect((await fetchWithDevice(`${app.origin}/api/stream`, post("third"))).status).toBe(200);
    expect(app.requestsFor("/api/stream").map(({ body, status }) => [body, status])).toEqual([
      ["first", 200],
      ["second", 425],
      ["third", 200],
    ]);
  });

  it("sends a Request that was made of a stream again: it can be cloned", async () => {
    const fetchWithDevice = deviceFetch();
    await fetchWithDevice(`${app.origin}/api/stream`);
    app.ip = "203.0.113.8";
    const request = new Request(`${app.origin}/api/stream`, post("once"));
    expect((await fetchWithDevice(request)).status).toBe(200);
    expect(app.requestsFor("/api/stream").at(-1)).toMatchObject({ body: "once", status: 200 });
  });

  it("refuses without WebCrypto, or sends no proof if so configured", async () => {
    vi.stubGlobal("crypto", {});
    await expect(deviceFetch()(`${app.origin}/api/hello`)).rejects.toMatchObject({ code: "ERR_NO_WEB_CRYPTO" });
    const answer = await deviceFetch({ fallbackBehavior: "fetch-without-device" })(`${app.origin}/api/hello`);
    expect(await answer.json()).toMatchObject({ reason: "DeviceVerificationRequired" });
    expect(app.requestsFor("/api/hello")).toHaveLength(1);
  });

  it("returns the response unchanged if the app's callback cannot read it", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const fetchWithDevice = deviceFetch({
      getChallengeFromFailedResponse: async (response) => JSON.parse(`no ${await response.text()}`),
    });
    await fetchWithDevice(`${app.origin}/api/hello`);
    app.ip = "203.0.113.8";
    const answer = await fetchWithDevice(`${app.origin}/api/hello`);
    expect(await answer.json()).toMatchObject({ errorType: "NewDeviceChallengeRequired" });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("calls the app's callback only for failures, and not for those of other origins", async () => {
    const other = await startDeviceServer("");
    const getChallengeFromFailedResponse = vi.fn(async () => undefined);
    const fetchWithDevice = deviceFetch({ getChallengeFromFailedResponse });
    await fetchWithDevice(`${app.origin}/api/hello`);
    await fetchWithDevice(`${other.origin}/open/425`);
    expect(getChallengeFromFailedResponse).not.toHaveBeenCalled();
    app.refuseAll = true;
    expect((await fetchWithDevice(`${app.origin}/api/hello`)).status).toBe(425);
    expect(getChallengeFromFailedResponse).toHaveBeenCalledTimes(1);
    await other.close();
  });

  it("passes on what the network throws", async () => {
    const fetchWithDevice = deviceFetch({ fetchChallenge: () => fetch("http://127.0.0.1:1/").then(() => never()) });
    await expect(fetchWithDevice(`${app.origin}/api/hello`)).rejects.toBeInstanceOf(TypeError);
  });
});

function never(): never {
  throw new Error("expected that nothing listens on port 1");
}
