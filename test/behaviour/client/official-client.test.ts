import { createClient, type PropelAuthClient, ResultError } from "@propelauth/byo-node";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { defineContract } from "./contract-cases.ts";
import { errorOf } from "./error-of.ts";

describe("the official client, unchanged,", () => {
  defineContract(({ url, integrationKey }) => createClient({ url: `${url}/`, integrationKey }));
});

describe("its errors", () => {
  let sidecar: TestSidecar;
  let client: PropelAuthClient;
  beforeAll(async () => {
    sidecar = await startTestSidecar();
    client = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
  });

  it("are thrown, typed, where an application asks for that", async () => {
    const result = await client.session.fetchById({ sessionId: "x" });
    expect(() => result.getOrThrow()).toThrow(ResultError);
    try {
      result.getOrThrow();
    } catch (error) {
      expect(result.toTypedError(error)).toEqual({ type: "SessionNotFound" });
    }
  });

  it.each([
    ["api_unknown", { type: "IntegrationKeyNotFound" }],
    ["sk_live", { type: "InvalidPrefix", details: expect.stringContaining("api_") }],
    ["", { type: "NoIntegrationKeyFoundInHeader" }],
  ])("are typed for an integration key that is not good: %j", async (integrationKey, error) => {
    const stranger = createClient({ url: sidecar.url, integrationKey });
    expect(errorOf(await stranger.ping({}))).toEqual(error);
  });

  it("tell a refused key apart from a sidecar that is not there, of which the client has no details", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const nobody = createClient({ url: "http://127.0.0.1:9", integrationKey: sidecar.integrationKey });
    expect(errorOf(await nobody.ping({}))).toEqual({ type: "UnexpectedError" });
    warn.mockRestore();
  });
});
