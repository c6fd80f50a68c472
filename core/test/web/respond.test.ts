import { describe, expect, it, vi } from "vitest";
import { SessionActionError } from "../../src/errors.ts";
import { createWebSink, respond } from "../../src/web/index.ts";

const change = { setCookies: ["a=1"], dropWhenLate: false };
const redirect = { status: 302, headers: [["Location", "/login"]] as const, body: "" };

it("does not change a response that the application reuses for everybody", async () => {
  const shared = new Response("for all", { headers: { "CDN-Cache-Control": "max-age=600" } });
  const sink = createWebSink();
  const told = await respond(sink, undefined, () => {
    sink.write(change);
    return shared;
  });
  expect([told.headers.getSetCookie(), told.headers.get("cdn-cache-control")]).toEqual([["a=1"], null]);
  expect([shared.headers.getSetCookie(), shared.headers.get("cdn-cache-control")]).toEqual([[], "max-age=600"]);
});

it("accepts nothing more once there is a response", async () => {
  const sink = createWebSink();
  await respond(sink, undefined, () => new Response());
  expect(sink.canWrite).toBe(false);
});

it("responds with core's answer instead of the handler's, and with that of an action's error", async () => {
  const never = () => {
    throw new Error("the handler ran");
  };
  const throwing = () => {
    throw new SessionActionError("ERR_NO_SESSION", "NoSession", "no session", redirect);
  };
  for (const answer of [respond(createWebSink(), redirect, never), respond(createWebSink(), undefined, throwing)]) {
    const { status, headers } = await answer;
    expect([status, headers.get("location")]).toEqual([302, "/login"]);
  }
  await expect(respond(createWebSink(), undefined, never)).rejects.toThrow("the handler ran");
});

it("leaves the response to an upgrade to the runtime, which recognises the object", async () => {
  const upgrade = Object.defineProperty(new Response(), "status", { value: 101 });
  const sink = createWebSink();
  const told = await respond(sink, undefined, () => {
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
    const failing = respond(sink, undefined, () => {
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
    await respond(answered.sink, undefined, () => {
      answered.login();
      return new Response();
    });
    patient.abort();
    expect(answered.lost).not.toHaveBeenCalled();
  });
});
