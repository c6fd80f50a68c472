import { describe, expect, it, vi } from "vitest";
import { SessionActionError } from "../../src/errors.ts";
import { createWebSink, respond } from "../../src/web/index.ts";

const change = { setCookies: ["a=1"], dropWhenLate: false };
const redirect = { status: 302, headers: [["Location", "/login"]] as const, body: "" };

it("does not change a response that the application reuses for everybody", async () => {
  const shared = new Response("for all", { headers: { "CDN-Cache-Control": "max-age=600" } });
  const sink = createWebSink();
  const told = await respond(sink, () => {
    sink.write(change);
    return shared;
  });
  expect([told.headers.getSetCookie(), told.headers.get("cdn-cache-control")]).toEqual([["a=1"], null]);
  expect([shared.headers.getSetCookie(), shared.headers.get("cdn-cache-control")]).toEqual([[], "max-age=600"]);
});

it("accepts nothing more once there is a response", async () => {
  const sink = createWebSink();
  await respond(sink, () => new Response());
  expect(sink.canWrite).toBe(false);
});

it("responds with the answer of an action's error, and leaves other errors to the host", async () => {
  const failing = () => {
    throw new Error("a fault of the handler");
  };
  const throwing = () => {
    throw new SessionActionError("ERR_NO_SESSION", "NoSession", "no session", redirect);
  };
  const { status, headers } = await respond(createWebSink(), throwing);
  expect([status, headers.get("location")]).toEqual([302, "/login"]);
  await expect(respond(createWebSink(), failing)).rejects.toThrow("a fault of the handler");
});

it("leaves the response to an upgrade to the runtime, which recognises the object", async () => {
  const upgrade = Object.defineProperty(new Response(), "status", { value: 101 });
  const sink = createWebSink();
  const told = await respond(sink, () => {
    sink.write(change);
    return upgrade;
  });
  expect(told).toBe(upgrade);
  expect(told.headers.getSetCookie()).toEqual([]);
});

describe("what does not reach the browser is reported as lost, once", () => {
  function watched(signal?: AbortSignal) {
    const sink = createWebSink(false, signal && (() => signal));
    const lost = vi.fn();
    return { sink, lost, login: () => sink.whenLost?.(lost) };
  }

  it("when the handler throws something that the host answers itself", async () => {
    const { sink, lost, login } = watched();
    const failing = respond(sink, () => {
      login();
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect([lost.mock.calls.length, sink.canWrite]).toEqual([1, false]);
  });

  it("when the client disconnects before the response, and not when it does so later", async () => {
    const client = new AbortController();
    const { sink, lost, login } = watched(client.signal);
    login();
    expect(sink.canWrite).toBe(true);
    client.abort();
    expect([lost.mock.calls.length, sink.canWrite]).toEqual([1, false]);
    const patient = new AbortController();
    const answered = watched(patient.signal);
    await respond(answered.sink, () => {
      answered.login();
      return new Response();
    });
    patient.abort();
    expect(answered.lost).not.toHaveBeenCalled();
  });
});
