import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { databaseState } from "../database-state.ts";
import { invalid, logIn, validate } from "../login.ts";

const ALLOWED = "203.0.113.9";
const BLOCKED = "203.0.113.66";
let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "ip:allow", ip_allowlist: ["203.0.113.0/24", "2001:db8::/32", "192.0.2.1"] },
    { tag: "ip:block", ip_blocklist: [BLOCKED, "2001:db8:bad::/48"] },
    { tag: "ip:both", ip_allowlist: ["203.0.113.0/24"], ip_blocklist: [BLOCKED] },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const ipError = (details: string) => ({ status: 403, body: { type: "IpAddressError", details } });

describe("a list of addresses", () => {
  it.each([
    ["ip:allow", ALLOWED, undefined],
    ["ip:allow", "203.0.114.9", "NotAllowed"],
    ["ip:allow", "192.0.2.1", undefined],
    ["ip:allow", "192.0.2.2", "NotAllowed"],
    ["ip:allow", "2001:db8:1::9", undefined],
    ["ip:allow", "2001:db9::9", "NotAllowed"],
    ["ip:allow", `::ffff:${ALLOWED}`, undefined],
    ["ip:allow", "::ffff:cb00:7109", undefined],
    ["ip:allow", undefined, "Missing"],
    ["ip:block", ALLOWED, undefined],
    ["ip:block", BLOCKED, "Blocked"],
    ["ip:block", `::ffff:${BLOCKED}`, "Blocked"],
    ["ip:block", "2001:db8:bad::1", "Blocked"],
    ["ip:block", "2001:0DB8:0BAD:0000::1", "Blocked"],
    ["ip:block", undefined, "Missing"],
    ["ip:both", BLOCKED, "Blocked"],
    ["ip:both", "198.51.100.7", "NotAllowed"],
  ])("judges a login and a validation alike: %s, %s: %s", async (tag, ipAddress, problem) => {
    const before = (await databaseState(sidecar)).content_of_sessions;
    const login = await sidecar.command("CreateSession", { userId: "ada", tags: [tag], ipAddress });
    if (problem === undefined) expect(login.status).toBe(200);
    else expect(login).toEqual(ipError(problem));
    if (problem !== undefined) expect((await databaseState(sidecar)).content_of_sessions).toBe(before);

    const { token } = await logIn(sidecar, { tags: [tag], ipAddress: ALLOWED });
    const use = await validate(sidecar, token, { ipAddress });
    if (problem === undefined) expect(use.status).toBe(200);
    else expect(use).toEqual(ipError(problem));
    // A refused address does not end the session.
    expect(await validate(sidecar, token, { ipAddress: ALLOWED })).toMatchObject({ status: 200 });
  });

  it("leaves its refusals in the trail of the session", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["ip:block"], ipAddress: ALLOWED });
    await validate(sidecar, token, { ipAddress: BLOCKED });
    expect(await auditRow(sidecar, sessionId, "SessionRefused")).toMatchObject({
      reason: "IpAddressBlocked",
      ip_address: BLOCKED,
      tags: ["ip:block"],
    });
  });

  it("holds from the next validation on for a session that gets its tag", async () => {
    const { token, sessionId } = await logIn(sidecar, { ipAddress: BLOCKED });
    expect(await validate(sidecar, token, { ipAddress: BLOCKED })).toMatchObject({ status: 200 });
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["ip:block"] });
    expect(await validate(sidecar, token, { ipAddress: BLOCKED })).toEqual(ipError("Blocked"));
  });
});

describe("disallow_ip_address_changes", () => {
  it("ends a session that is used from another address", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["ip:fixed"], ipAddress: ALLOWED });
    expect(await validate(sidecar, token, { ipAddress: ALLOWED })).toMatchObject({ status: 200 });
    expect(await validate(sidecar, token, { ipAddress: "203.0.113.10" })).toEqual(ipError("IpAddressChanged"));
    expect(await validate(sidecar, token, { ipAddress: ALLOWED })).toEqual(invalid("IpAddressChanged"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({
      reason: "IpAddressChanged",
      ip_address: "203.0.113.10",
      details: { sessionIpAddress: ALLOWED },
    });
  });

  it("knows an address in all its spellings", async () => {
    const { token } = await logIn(sidecar, { tags: ["ip:fixed"], ipAddress: "2001:db8::1" });
    expect(await validate(sidecar, token, { ipAddress: "2001:DB8:0:0::0:1" })).toMatchObject({ status: 200 });
    const mapped = await logIn(sidecar, { tags: ["ip:fixed"], ipAddress: `::ffff:${ALLOWED}` });
    expect(await validate(sidecar, mapped.token, { ipAddress: ALLOWED })).toMatchObject({ status: 200 });
  });

  it("refuses a request without an address, and the session lives on", async () => {
    const { token } = await logIn(sidecar, { tags: ["ip:fixed"], ipAddress: ALLOWED });
    expect(await validate(sidecar, token)).toEqual(ipError("Missing"));
    expect(await validate(sidecar, token, { ipAddress: ALLOWED })).toMatchObject({ status: 200 });
  });

  it("binds no session that was created without an address", async () => {
    const { token } = await logIn(sidecar, { tags: ["ip:fixed"] });
    for (const ipAddress of [ALLOWED, "198.51.100.7", undefined]) {
      expect(await validate(sidecar, token, { ipAddress })).toMatchObject({ status: 200 });
    }
  });
});

describe("what is no address", () => {
  it.each(["010.0.0.1", "fe80::1%eth0", "203.0.113.9:443", "[2001:db8::1]", "example.com", ""])(
    "is malformed in a validation, which ends nothing: %j",
    async (ipAddress) => {
      const { token } = await logIn(sidecar, { tags: ["ip:fixed"], ipAddress: ALLOWED });
      expect(await validate(sidecar, token, { ipAddress })).toEqual(ipError("Malformed"));
      expect(await validate(sidecar, token, { ipAddress: ALLOWED })).toMatchObject({ status: 200 });
    },
  );
});
