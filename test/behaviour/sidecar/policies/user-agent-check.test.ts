import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { invalid, logIn, rotatedOnce, successorOf, validate } from "../login.ts";
import {
  CHROME_ON_ANDROID,
  CHROME_ON_MAC,
  CHROME_ON_WINDOWS,
  FIREFOX_ON_MAC,
  NEWER_CHROME_ON_MAC,
  OLDER_CHROME_ON_MAC,
} from "../user-agents.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "agent:flag", user_agent_check: "flag" },
    { tag: "agent:off", user_agent_check: "off" },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

describe("the user agent of a session", () => {
  it.each([
    ["another browser", FIREFOX_ON_MAC],
    ["another operating system", CHROME_ON_WINDOWS],
    ["another kind of device", CHROME_ON_ANDROID],
    ["an older version", OLDER_CHROME_ON_MAC],
    ["nothing that can be parsed", "curl"],
    ["an empty one", ""],
  ])("may not become %s: the session ends", async (_, userAgent) => {
    const { token, sessionId } = await logIn(sidecar, { userAgent: CHROME_ON_MAC });
    expect(await validate(sidecar, token, { userAgent })).toEqual(invalid("UserAgentChanged"));
    expect(await validate(sidecar, token, { userAgent: CHROME_ON_MAC })).toEqual(invalid("UserAgentChanged"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({
      reason: "UserAgentChanged",
      user_agent: userAgent,
      details: { sessionUserAgent: CHROME_ON_MAC },
    });
  });

  it("may become a newer version, and not the older one again", async () => {
    const { token, sessionId } = await logIn(sidecar, { userAgent: CHROME_ON_MAC });
    expect(await validate(sidecar, token, { userAgent: NEWER_CHROME_ON_MAC })).toMatchObject({ status: 200 });
    const { device } = await sidecar.run("FetchSessionById", { sessionId });
    expect(device.displayName).toBe("Chrome 141 on macOS");
    expect(await auditRow(sidecar, sessionId, "UserAgentUpgraded")).toMatchObject({
      user_agent: NEWER_CHROME_ON_MAC,
      details: { sessionUserAgent: CHROME_ON_MAC },
    });
    expect(await validate(sidecar, token, { userAgent: CHROME_ON_MAC })).toEqual(invalid("UserAgentChanged"));
  });

  it("may change its minor version either way", async () => {
    const { token } = await logIn(sidecar, { userAgent: CHROME_ON_MAC.replace("140.0.0.0", "140.0.7339.80") });
    for (const version of ["140.0.7339.1", "140.0.9999.0"]) {
      const userAgent = CHROME_ON_MAC.replace("140.0.0.0", version);
      expect(await validate(sidecar, token, { userAgent })).toMatchObject({ status: 200 });
    }
  });

  it("is compared as it is where it names no browser", async () => {
    const { token } = await logIn(sidecar, { userAgent: "backend" });
    expect(await validate(sidecar, token, { userAgent: "backend" })).toMatchObject({ status: 200 });
    expect(await validate(sidecar, token, { userAgent: "Backend" })).toEqual(invalid("UserAgentChanged"));
  });
});

describe("a program that fetches for the browser", () => {
  const VIDEO = "AppleCoreMedia/1.0.0.24A335 (Macintosh; U; Intel Mac OS X 15_0; en_us)";
  const REFUSED = invalid(
    "UserAgentMissing: expected the browser of the login, not a media player, a downloader or a system service",
  );

  it.each([VIDEO, "VLC/3.0.21 LibVLC/3.0.21", "Lavf/60.16.100", "aria2/1.37.0", "Page/1 CFNetwork/1568 Darwin/24.0.0"])(
    "is refused, and the session lives: %s",
    async (userAgent) => {
      const { token, sessionId } = await logIn(sidecar, { userAgent: CHROME_ON_MAC });
      expect(await validate(sidecar, token, { userAgent })).toEqual(REFUSED);
      expect(await validate(sidecar, token, { userAgent: CHROME_ON_MAC })).toMatchObject({ status: 200 });
      expect(await auditRow(sidecar, sessionId, "SessionRefused")).toMatchObject({
        reason: "UserAgentNoBrowser",
        user_agent: userAgent,
      });
    },
  );

  it("gets no successor, and confirms none: its name is worth nothing to a thief", async () => {
    const owner = { userAgent: CHROME_ON_MAC };
    const { token } = await logIn(sidecar, owner);
    await sidecar.advance(3700);
    const refreshed = (sessionToken: string) =>
      sidecar.command("ValidateAndRefreshSession", { sessionToken, userAgent: VIDEO });
    expect(await refreshed(token)).toEqual(REFUSED);
    const successor = await successorOf(sidecar, token, owner);
    expect(await refreshed(successor)).toEqual(REFUSED);
    // Not confirmed: the token before is still the current one.
    expect(await successorOf(sidecar, token, owner)).toBe(successor);
  });

  it("ends the session where it is of another system, or brings a token that was replaced", async () => {
    const onWindows = await logIn(sidecar, { userAgent: CHROME_ON_WINDOWS });
    expect(await validate(sidecar, onWindows.token, { userAgent: VIDEO })).toEqual(invalid("UserAgentChanged"));
    const { first } = await rotatedOnce(sidecar, { userAgent: CHROME_ON_MAC });
    await sidecar.advance(120);
    expect(await validate(sidecar, first, { userAgent: VIDEO })).toEqual(invalid("TokenReused"));
  });

  it("is flagged where a change of the user agent is", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["agent:flag"], userAgent: CHROME_ON_MAC });
    expect(await validate(sidecar, token, { userAgent: VIDEO })).toMatchObject({ status: 200 });
    expect(await auditRow(sidecar, sessionId, "UserAgentFlagged")).toMatchObject({ user_agent: VIDEO });
  });
});

describe("user_agent_check", () => {
  it("flags a change, and the session lives", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["agent:flag"], userAgent: CHROME_ON_MAC });
    for (const userAgent of [FIREFOX_ON_MAC, CHROME_ON_MAC]) {
      expect(await validate(sidecar, token, { userAgent })).toMatchObject({ status: 200 });
    }
    expect(await auditRow(sidecar, sessionId, "UserAgentFlagged")).toMatchObject({
      user_agent: FIREFOX_ON_MAC,
      count: 1,
    });
    // What was seen at login stays what it is compared with.
    expect((await sidecar.run("FetchSessionById", { sessionId })).device.browser).toBe("Chrome");
  });

  it("can be off, and leaves no trace of a change", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["agent:off"], userAgent: CHROME_ON_MAC });
    for (const userAgent of [FIREFOX_ON_MAC, OLDER_CHROME_ON_MAC, "curl"]) {
      expect(await validate(sidecar, token, { userAgent })).toMatchObject({ status: 200 });
    }
    // A later refusal is written, so an earlier event would be there.
    await validate(sidecar, token, { userAgent: CHROME_ON_MAC, requiredTags: ["no:such"] });
    await auditRow(sidecar, sessionId, "SessionRefused");
    expect((await auditRows(sidecar, { sessionId })).map(({ event }) => event)).toEqual([
      "SessionCreated",
      "SessionRefused",
    ]);
  });

  it.each(["agent:flag", "agent:off"])("asks for the user agent in any mode: %s", async (tag) => {
    const { token } = await logIn(sidecar, { tags: [tag], userAgent: CHROME_ON_MAC });
    expect(await validate(sidecar, token)).toEqual(invalid("UserAgentMissing"));
  });
});
