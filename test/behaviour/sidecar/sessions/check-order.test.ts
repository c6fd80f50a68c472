import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type Client, invalid, logIn, refresh, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../user-agents.ts";

const HOME: Client = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const BLOCKED: Client = { ipAddress: "192.0.2.66", userAgent: CHROME_ON_MAC };
/** Breaks every rule that a request can break. */
const WRONG = { ipAddress: "192.0.2.66", userAgent: FIREFOX_ON_MAC, requiredTags: ["no:such"] };
const IP_BLOCKED = { status: 403, body: { type: "IpAddressError", details: "Blocked" } };

let sidecar: TestSidecar;

beforeAll(async () => {
  const defaults = { ip_blocklist: ["192.0.2.66"], disallow_ip_address_changes: true };
  sidecar = await startTestSidecar({ config: { defaults } });
});

async function rotated() {
  const login = await logIn(sidecar, HOME);
  await sidecar.advance(3601);
  const successor = await successorOf(sidecar, login.token, HOME);
  await refresh(sidecar, successor, HOME);
  await sidecar.advance(61);
  return { ...login, successor };
}

describe("the checks of a validation come in this order:", () => {
  it("the secret, before anything that the session could tell", async () => {
    const { token } = await logIn(sidecar, HOME);
    const forged = `${token.slice(0, -43)}${"A".repeat(43)}`;
    expect(await validate(sidecar, forged, WRONG)).toEqual(invalid("NotFound"));
    expect(await validate(sidecar, forged, { ipAddress: "nonsense" })).toEqual(invalid("NotFound"));
  });

  it("whether the session is over, before what the request is like", async () => {
    const { token } = await logIn(sidecar, HOME);
    await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
    expect(await validate(sidecar, token, WRONG)).toEqual(invalid("LoggedOut"));
    expect(await validate(sidecar, token, { ipAddress: "nonsense" })).toEqual(invalid("LoggedOut"));
  });

  it("whether it has expired, before whether its token is reused", async () => {
    const { token } = await rotated();
    await sidecar.advance(1_209_600);
    expect(await validate(sidecar, token, HOME)).toEqual(invalid("Expired"));
  });

  it("the address, before the required tags", async () => {
    const { token } = await logIn(sidecar, HOME);
    expect(await validate(sidecar, token, WRONG)).toEqual(IP_BLOCKED);
    expect(await validate(sidecar, token, { requiredTags: ["no:such"] })).toMatchObject({ status: 403 });
  });

  it("the required tags, before a missing user agent", async () => {
    const { token } = await logIn(sidecar, HOME);
    const data = { ipAddress: HOME.ipAddress, requiredTags: ["no:such"] };
    expect(await validate(sidecar, token, data)).toEqual(invalid("MissingRequiredTag: no:such"));
  });

  it("what only refuses, before what ends the session", async () => {
    const { token, successor } = await rotated();
    // A reused token from a blocked address: a request from there ends nothing.
    expect(await validate(sidecar, token, BLOCKED)).toEqual(IP_BLOCKED);
    expect(await validate(sidecar, token, { ...HOME, requiredTags: ["no:such"] })).toMatchObject({ status: 401 });
    expect(await validate(sidecar, successor, HOME)).toMatchObject({ status: 200 });
    const elsewhere = { ipAddress: "198.51.100.7", userAgent: FIREFOX_ON_MAC };
    expect(await validate(sidecar, successor, { ...elsewhere, requiredTags: ["no:such"] })).toMatchObject({
      status: 401,
    });
    expect(await validate(sidecar, successor, HOME)).toMatchObject({ status: 200 });
  });

  it("a reused token, before a changed address, before a changed user agent", async () => {
    const elsewhere = { ipAddress: "198.51.100.7", userAgent: FIREFOX_ON_MAC };
    const { token } = await rotated();
    expect(await validate(sidecar, token, elsewhere)).toEqual(invalid("TokenReused"));
    const login = await logIn(sidecar, HOME);
    expect(await validate(sidecar, login.token, elsewhere)).toMatchObject({ status: 403 });
    expect(await validate(sidecar, login.token, HOME)).toEqual(invalid("IpAddressChanged"));
  });

  it("everything else, before a successor is confirmed or given", async () => {
    const { token, sessionId } = await logIn(sidecar, HOME);
    await sidecar.advance(3601);
    for (const wrong of [BLOCKED, { ...HOME, requiredTags: ["no:such"] }, { ipAddress: HOME.ipAddress }]) {
      const { status, body } = await sidecar.command("ValidateAndRefreshSession", { sessionToken: token, ...wrong });
      expect(status).toBeGreaterThan(400);
      expect(body).not.toHaveProperty("newSessionToken");
    }
    const [row] = await sidecar.sql("SELECT gen, next_hash FROM byo.sessions WHERE id = $1", [sessionId]);
    expect(row).toEqual({ gen: 1, next_hash: null });
  });
});
