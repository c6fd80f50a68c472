import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { databaseState } from "../database-state.ts";

let sidecar: TestSidecar;
let sessionId: string;
let sessionToken: string;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  const tags = Array.from({ length: 40 }, (_, index) => `n:${index}`);
  const created = await sidecar.run("CreateSession", { userId: "ada", tags, metadata: { kept: "x".repeat(60_000) } });
  ({ sessionId, sessionToken } = created);
});

const long = (chars: number) => "x".repeat(chars);
const tagList = (count: number) => Array.from({ length: count }, (_, index) => `t:${index}`);
const nested = (levels: number): unknown => (levels === 1 ? [] : [nested(levels - 1)]);
/** A metadata value whose JSON has so many bytes; each "é" is two. */
const bytes = (count: number) => ({ a: `é${long(count - 10)}` });

const STRING = "expected a string";
const NOT_EMPTY = "expected a string that is not empty";
const TEXT = "expected text without NUL and lone surrogates";
const chars = (most: number) => `expected at most ${most} characters`;

describe("a value beyond its bounds", () => {
  const cases: [command: string, data: () => Record<string, unknown>, details: string][] = [
    ["CreateSession", () => ({}), `userId: ${STRING}`],
    ["CreateSession", () => ({ userId: null }), `userId: ${STRING}`],
    ["CreateSession", () => ({ userId: 7 }), `userId: ${STRING}`],
    ["CreateSession", () => ({ userId: "" }), `userId: ${NOT_EMPTY}`],
    ["CreateSession", () => ({ userId: long(1025) }), `userId: ${chars(1024)}`],
    ["CreateSession", () => ({ userId: "a\u0000b" }), `userId: ${TEXT}`],
    ["CreateSession", () => ({ userId: "a\ud800b" }), `userId: ${TEXT}`],
    ["CreateSession", () => ({ userId: "a", userAgent: long(4097) }), `userAgent: ${chars(4096)}`],
    ["CreateSession", () => ({ userId: "a", userAgent: ["x"] }), `userAgent: ${STRING}`],
    ["CreateSession", () => ({ userId: "a", userAgent: "\u0000" }), `userAgent: ${TEXT}`],
    ["CreateSession", () => ({ userId: "a", ipAddress: long(8193) }), `ipAddress: ${chars(8192)}`],
    ["CreateSession", () => ({ userId: "a", ipAddress: 1 }), `ipAddress: ${STRING}`],
    ["CreateSession", () => ({ userId: "a", tags: "org:acme" }), "tags: expected a list of tags"],
    ["CreateSession", () => ({ userId: "a", tags: { 0: "org:acme" } }), "tags: expected a list of tags"],
    ["CreateSession", () => ({ userId: "a", tags: tagList(51) }), "tags: expected at most 50 tags"],
    ["CreateSession", () => ({ userId: "a", tags: ["a:b", 1] }), `tags.1: ${STRING}`],
    ["CreateSession", () => ({ userId: "a", tags: ["a:b", null] }), `tags.1: ${STRING}`],
    ["CreateSession", () => ({ userId: "a", tags: [`t:${long(255)}`] }), `tags.0: ${chars(256)}`],
    ["CreateSession", () => ({ userId: "a", tags: ["t:\u0000"] }), `tags.0: ${TEXT}`],
    [
      "CreateSession",
      () => ({ userId: "a", metadata: bytes(65_537) }),
      "metadata: expected at most 65536 bytes of JSON",
    ],
    ["CreateSession", () => ({ userId: "a", metadata: nested(65) }), "metadata: expected at most 64 levels of nesting"],
    ["CreateSession", () => ({ userId: "a", metadata: { a: ["\u0000"] } }), `metadata: ${TEXT}`],
    [
      "CreateSession",
      () => ({ userId: "a", metadata: { "\ud800": 1 } }),
      "metadata: expected names without NUL and lone surrogates",
    ],
    ["CreateSession", () => ({ userId: "a", deviceRegistration: "proof" }), "deviceRegistration: expected an object"],
    [
      "CreateSession",
      () => ({ userId: "a", deviceRegistration: {} }),
      `deviceRegistration.signedDeviceChallenge: ${STRING}`,
    ],
    [
      "CreateSession",
      () => ({ userId: "a", deviceRegistration: { signedDeviceChallenge: long(8193) } }),
      `deviceRegistration.signedDeviceChallenge: ${chars(8192)}`,
    ],
    [
      "CreateSession",
      () => ({ userId: "a", deviceRegistration: { signedDeviceChallenge: "x", rememberDevice: "yes" } }),
      "deviceRegistration.rememberDevice: expected true or false",
    ],
    ["CreateSession", () => ({ userId: "a", legacyId: "" }), `legacyId: ${NOT_EMPTY}`],
    ["CreateSession", () => ({ userId: "a", legacyId: long(8193) }), `legacyId: ${chars(8192)}`],
    [
      "CreateSession",
      () => ({ userId: "a", legacyId: "x", authenticatedAt: 1.5 }),
      "authenticatedAt: expected whole Unix seconds",
    ],
    [
      "CreateSession",
      () => ({ userId: "a", legacyId: "x", authenticatedAt: -1 }),
      "authenticatedAt: expected 0 or more",
    ],
    ...(["ValidateSession", "ValidateAndRefreshSession"] as const).flatMap(
      (command): [string, () => Record<string, unknown>, string][] => [
        [command, () => ({ sessionToken: long(8193) }), `sessionToken: ${chars(8192)}`],
        [command, () => ({ sessionToken: {} }), `sessionToken: ${STRING}`],
        [command, () => ({ sessionToken, userAgent: long(4097) }), `userAgent: ${chars(4096)}`],
        [command, () => ({ sessionToken, ipAddress: long(8193) }), `ipAddress: ${chars(8192)}`],
        [command, () => ({ sessionToken, requiredTags: tagList(51) }), "requiredTags: expected at most 50 tags"],
        [command, () => ({ sessionToken, requiredTags: [long(257)] }), `requiredTags.0: ${chars(256)}`],
        [command, () => ({ sessionToken, deviceVerification: [] }), "deviceVerification: expected an object"],
        [
          command,
          () => ({ sessionToken, deviceVerification: { signedDeviceChallenge: long(8193) } }),
          `deviceVerification.signedDeviceChallenge: ${chars(8192)}`,
        ],
        [
          command,
          () => ({ sessionToken, deviceVerification: { signedDeviceChallenge: "x", requestUrl: long(8193) } }),
          `deviceVerification.requestUrl: ${chars(8192)}`,
        ],
        [
          command,
          () => ({ sessionToken, ignoreDeviceForVerification: 1 }),
          "ignoreDeviceForVerification: expected true or false",
        ],
        [command, () => ({ sessionToken, attemptId: long(129) }), `attemptId: ${chars(128)}`],
      ],
    ),
    ["FetchAllSessionsForUser", () => ({}), `userId: ${STRING}`],
    ["FetchAllSessionsForUser", () => ({ userId: long(1025) }), `userId: ${chars(1024)}`],
    [
      "FetchAllSessionsForUser",
      () => ({ userId: "a", sessionTags: tagList(51) }),
      "sessionTags: expected at most 50 tags",
    ],
    ["FetchAllSessions", () => ({ userId: "" }), `userId: ${NOT_EMPTY}`],
    ["FetchAllSessions", () => ({ page: -1 }), "page: expected 0 or more"],
    ["FetchAllSessions", () => ({ page: 0.5 }), "page: expected a whole number"],
    ["FetchAllSessions", () => ({ page: "1" }), "page: expected a whole number"],
    ["FetchAllSessions", () => ({ page: 1_000_001 }), "page: expected at most 1000000"],
    ["FetchSessionById", () => ({}), `sessionId: ${STRING}`],
    ["FetchSessionById", () => ({ sessionId: long(8193) }), `sessionId: ${chars(8192)}`],
    ["UpdateSession", () => ({ tagsToAdd: [] }), `sessionId: ${STRING}`],
    ["UpdateSession", () => ({ sessionId, tagsToAdd: tagList(51) }), "tagsToAdd: expected at most 50 tags"],
    ["UpdateSession", () => ({ sessionId, tagsToRemove: tagList(51) }), "tagsToRemove: expected at most 50 tags"],
    [
      "UpdateSession",
      () => ({ sessionId, tagsToAdd: tagList(11) }),
      "tagsToAdd: expected at most 50 tags in the result",
    ],
    [
      "UpdateSession",
      () => ({ sessionId, newMetadata: bytes(65_537) }),
      "newMetadata: expected at most 65536 bytes of JSON",
    ],
    [
      "UpdateSession",
      () => ({ sessionId, newMetadata: nested(65) }),
      "newMetadata: expected at most 64 levels of nesting",
    ],
    [
      "UpdateSession",
      () => ({ sessionId, patchMetadata: bytes(65_537) }),
      "patchMetadata: expected at most 65536 bytes of JSON",
    ],
    [
      "UpdateSession",
      () => ({ sessionId, patchMetadata: { more: long(6000) } }),
      "patchMetadata: expected at most 65536 bytes of JSON in the result",
    ],
    ["UpdateSessions", () => ({ tagsToAdd: ["a:b"] }), "filter: expected an object"],
    ["UpdateSessions", () => ({ filter: {}, tagsToAdd: ["a:b"] }), "filter: expected a userId or sessionTags"],
    ["UpdateSessions", () => ({ filter: { sessionTags: [] } }), "filter: expected a userId or sessionTags"],
    ["UpdateSessions", () => ({ filter: { userId: long(1025) } }), `filter.userId: ${chars(1024)}`],
    [
      "UpdateSessions",
      () => ({ filter: { sessionTags: tagList(51) } }),
      "filter.sessionTags: expected at most 50 tags",
    ],
    [
      "UpdateSessions",
      () => ({ filter: { userId: "ada" }, tagsToAdd: tagList(11) }),
      "tagsToAdd: expected at most 50 tags in the result",
    ],
    [
      "UpdateSessions",
      () => ({ filter: { userId: "ada" }, patchMetadata: { more: long(6000) } }),
      "patchMetadata: expected at most 65536 bytes of JSON in the result",
    ],
    ["InvalidateSessionByToken", () => ({ sessionToken: long(8193) }), `sessionToken: ${chars(8192)}`],
    ["InvalidateSessionByToken", () => ({ sessionToken: 1 }), `sessionToken: ${STRING}`],
    ["InvalidateSessionById", () => ({}), `sessionId: ${STRING}`],
    ["InvalidateSessionById", () => ({ sessionId, userId: "" }), `userId: ${NOT_EMPTY}`],
    ["InvalidateAllSessionsForUser", () => ({ userId: "" }), `userId: ${NOT_EMPTY}`],
    [
      "InvalidateAllSessionsForUser",
      () => ({ userId: "ada", sessionTags: "a:b" }),
      "sessionTags: expected a list of tags",
    ],
    ["InvalidateAllSessionsForUserExceptOne", () => ({ userId: "ada" }), `sessionTokenToKeep: ${STRING}`],
    ["InvalidateAllSessionsForUserExceptOne", () => ({ sessionTokenToKeep: sessionToken }), `userId: ${STRING}`],
  ];

  it.each(cases)("%s is refused and writes nothing: %#", async (command, data, details) => {
    const before = await databaseState(sidecar);
    expect(await sidecar.command(command, data())).toEqual({ status: 400, body: { type: "UnexpectedError", details } });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("is refused in metadata that is no number in any database", async () => {
    const body = '{"command": "CreateSession", "data": {"userId": "a", "metadata": [1e999]}}';
    expect(await sidecar.post(body)).toEqual({
      status: 400,
      body: { type: "UnexpectedError", details: "metadata: expected finite numbers" },
    });
  });

  it("is named with the others, at most five of them", async () => {
    const data = { tags: 1, userAgent: 1, ipAddress: 1, deviceRegistration: 1, legacyId: 1, authenticatedAt: "x" };
    const { body } = await sidecar.command("CreateSession", data);
    expect(String(body.details).split("; ")).toHaveLength(5);
  });
});

describe("a value at its bounds", () => {
  it("is taken at login and comes back whole", async () => {
    const data = {
      userId: `🦊${long(1022)}`,
      userAgent: long(4096),
      tags: Array.from({ length: 50 }, (_, index) => `${String(index).padStart(2, "0")}:${long(253)}`),
    };
    const created = await sidecar.run("CreateSession", { ...data, metadata: bytes(65_536) });
    expect(
      await sidecar.run("ValidateSession", { ...created, userAgent: data.userAgent, requiredTags: data.tags }),
    ).toEqual({
      sessionId: created.sessionId,
      userId: data.userId,
      tags: data.tags,
      metadata: bytes(65_536),
      createdAt: expect.any(Number),
      expiresAt: created.expiresAt,
      hasDeviceRegistered: false,
    });
  });

  it("is taken with 64 levels of nesting", async () => {
    const { status, body } = await sidecar.command("CreateSession", { userId: "deep", metadata: nested(64) });
    expect(status).toBe(200);
    const session = await sidecar.command("FetchSessionById", { sessionId: body.sessionId });
    expect(session.body.metadata).toEqual(nested(64));
  });

  it("is taken in an update whose result is at the bounds", async () => {
    expect(await sidecar.command("UpdateSession", { sessionId, tagsToAdd: tagList(10) })).toMatchObject({
      status: 200,
    });
    expect((await sidecar.run("ValidateSession", { sessionToken })).tags).toHaveLength(50);
    const swap = { sessionId, tagsToAdd: tagList(50), tagsToRemove: Array.from({ length: 40 }, (_, i) => `n:${i}`) };
    expect(await sidecar.command("UpdateSession", swap)).toMatchObject({ status: 200 });
  });

  it("is an empty page when it lies past the last session", async () => {
    expect(await sidecar.run("FetchAllSessions", { userId: "ada", page: 1_000_000 })).toMatchObject({
      items: [],
      page: 1_000_000,
      totalCount: 1,
      hasMoreResults: false,
    });
  });
});
