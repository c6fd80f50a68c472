import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const NOT_FOUND = { status: 401, body: { type: "InvalidSessionToken", details: "NotFound" } };

describe.each(["ValidateSession", "ValidateAndRefreshSession"] as const)("%s", (command) => {
  it("tells whose session it is, and leaves out what there is not", async () => {
    const created = await sidecar.run("CreateSession", { userId: "ada" });
    const { status, body } = await sidecar.command(command, { sessionToken: created.sessionToken });
    expect(status).toBe(200);
    expect(body).toEqual({
      sessionId: created.sessionId,
      userId: "ada",
      createdAt: expect.any(Number),
      expiresAt: created.expiresAt,
      hasDeviceRegistered: false,
    });
    expect(Number(body.createdAt)).toBe(created.expiresAt - 1_209_600);
  });

  it("tells tags and metadata", async () => {
    const tags = ["org:acme", "plan:pro"];
    const metadata = { theme: "dark", nested: { list: [null] } };
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada", tags, metadata });
    expect(await sidecar.run(command, { sessionToken })).toMatchObject({ tags, metadata });
  });

  it("counts, but does not write down, a token that was never issued", async () => {
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    const other = await sidecar.run("CreateSession", { userId: "eve" });
    const flipped = sessionToken.at(-2) === "A" ? "B" : "A";
    const [head, gen, tag, secret] = sessionToken.split(".");
    const forgeries = [
      undefined,
      null,
      "",
      "x",
      "byo_sess_",
      `${sessionToken.slice(0, -2)}${flipped}${sessionToken.slice(-1)}`,
      `${sessionToken}=`,
      ` ${sessionToken}`,
      `${sessionToken}\n`,
      sessionToken.toUpperCase(),
      // Another session's secret and tag.
      [head, ...other.sessionToken.split(".").slice(1)].join("."),
      // A generation that was never reached, and one before the first.
      [head, "00000002", tag, secret].join("."),
      [head, "00000063", tag, secret].join("."),
      [head, "00000000", tag, secret].join("."),
      // A session that does not exist.
      ["byo_sess_AAAAAAAAQACAAAAAAAAAAA", gen, tag, secret].join("."),
    ];
    const refusals = 'byo_refusals_total{reason="NotFound"}';
    const counted = (await sidecar.metrics()).get(refusals) ?? 0;
    for (const forgery of forgeries) {
      expect(await sidecar.command(command, { sessionToken: forgery }), String(forgery)).toEqual(NOT_FOUND);
    }
    expect((await sidecar.metrics()).get(refusals)).toBe(counted + forgeries.length);

    // Refusals are written in the order in which they come: when a later one is there, an earlier one would be.
    await sidecar.command(command, { sessionToken: other.sessionToken, requiredTags: ["no:such"] });
    await auditRow(sidecar, other.sessionId, "SessionRefused");
    expect(await auditRows(sidecar, { sessionId })).toMatchObject([{ event: "SessionCreated" }]);
    expect(sidecar.logs().filter((line) => line.sessionId === sessionId)).toMatchObject([{ event: "SessionCreated" }]);
  });

  it("takes no other spelling of a token for it", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    // The last character of 43 base64url characters has two spare bits: three more characters decode to the same bytes.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const index = alphabet.indexOf(sessionToken.slice(-1));
    const spellings = [1, 2, 3].map((spare) => sessionToken.slice(0, -1) + alphabet[index + spare]);
    for (const spelling of spellings) {
      expect(Buffer.from(spelling.slice(-43), "base64url")).toEqual(Buffer.from(sessionToken.slice(-43), "base64url"));
      expect(await sidecar.command(command, { sessionToken: spelling })).toEqual(NOT_FOUND);
    }
  });

  it("says nothing about a session to somebody who knows its id alone", async () => {
    const ended = await sidecar.run("CreateSession", { userId: "ada" });
    const forged = `${ended.sessionToken.slice(0, -43)}${"A".repeat(43)}`;
    await sidecar.run("InvalidateSessionByToken", { sessionToken: ended.sessionToken });
    expect(await sidecar.command(command, { sessionToken: forged })).toEqual(NOT_FOUND);
    expect(await sidecar.command(command, { sessionToken: ended.sessionToken })).toEqual({
      status: 401,
      body: { type: "InvalidSessionToken", details: "LoggedOut" },
    });
  });

  it("requires all of the required tags, and says which is missing", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada", tags: ["org:acme", "role:admin"] });
    const validate = (requiredTags: string[]) => sidecar.command(command, { sessionToken, requiredTags });
    expect(await validate(["role:admin", "org:acme"])).toMatchObject({ status: 200 });
    expect(await validate([])).toMatchObject({ status: 200 });
    expect(await validate(["org:acme", "org:other"])).toEqual({
      status: 401,
      body: { type: "InvalidSessionToken", details: "MissingRequiredTag: org:other" },
    });
    // The session lives on.
    expect(await validate(["org:acme"])).toMatchObject({ status: 200 });
  });

  it("asks for the user agent that was passed at login, and lives on", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada", userAgent: CHROME_ON_MAC });
    expect(await sidecar.command(command, { sessionToken })).toEqual({
      status: 401,
      body: { type: "InvalidSessionToken", details: "UserAgentMissing" },
    });
    expect(await sidecar.command(command, { sessionToken, userAgent: CHROME_ON_MAC })).toMatchObject({ status: 200 });
  });

  it("asks for the address that was passed at login, and lives on", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada", ipAddress: "203.0.113.9" });
    expect(await sidecar.command(command, { sessionToken })).toEqual({
      status: 403,
      body: { type: "IpAddressError", details: "Missing" },
    });
    expect(await sidecar.command(command, { sessionToken, ipAddress: "203.0.113.9" })).toMatchObject({ status: 200 });
  });

  it("does not adopt an address and a user agent that were not passed at login", async () => {
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    const client = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
    expect(await sidecar.command(command, { sessionToken, ...client })).toMatchObject({ status: 200 });
    expect(await sidecar.command(command, { sessionToken })).toMatchObject({ status: 200 });
    const device = { displayName: "Unknown device", deviceType: "Unknown" };
    expect(await sidecar.run("FetchSessionById", { sessionId })).toMatchObject({ device });
  });

  it("counts null as absent", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    const nothing = {
      userAgent: null,
      ipAddress: null,
      requiredTags: null,
      deviceVerification: null,
      ignoreDeviceForVerification: null,
      attemptId: null,
    };
    expect(await sidecar.command(command, { sessionToken, ...nothing })).toMatchObject({ status: 200 });
  });
});
