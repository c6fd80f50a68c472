import { createClient, type PropelAuthClient } from "@propelauth/byo-node";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { errorOf } from "./error-of.ts";

let client: PropelAuthClient;

beforeAll(async () => {
  const { url, integrationKey } = await startTestSidecar();
  client = createClient({ url, integrationKey });
});

describe("what this sidecar does not serve", () => {
  const calls: [string, () => Promise<{ ok: true } | { ok: false; error: unknown }>][] = [
    ["CreateStatelessToken", () => client.session.createStatelessToken({ userId: "ada" })],
    ["GetJwks", () => client.session.getJwks({})],
    [
      "RotateStatelessTokenKey",
      () =>
        client.session.rotateStatelessTokenKey({
          secsBeforeNewKeyBecomesDefault: 1,
          secsBeforeExistingKeysAreDeactivated: 2,
        }),
    ],
    [
      "CreateImpersonationSession",
      () =>
        client.impersonation.create({
          employeeEmail: "a@b.c",
          targetUserId: "ada",
          userAgent: "x",
          ipAddress: "192.0.2.1",
        }),
    ],
    [
      "ValidateImpersonationSession",
      () => client.impersonation.validate({ impersonationToken: "x", userAgent: "x", ipAddress: "192.0.2.1" }),
    ],
    ["FetchImpersonationSessionById", () => client.impersonation.fetchById({ impersonationSessionId: "x" })],
    [
      "FetchAllImpersonationSessionsForEmployee",
      () => client.impersonation.fetchAllForEmployee({ employeeEmail: "a@b.c" }),
    ],
    ["FetchAllImpersonationSessionsForUser", () => client.impersonation.fetchAllForUser({ userId: "ada" })],
    ["FetchAllActiveImpersonationSessions", () => client.impersonation.fetchAllActive({})],
    ["InvalidateImpersonationSessionById", () => client.impersonation.invalidateById({ impersonationSessionId: "x" })],
    [
      "InvalidateImpersonationSessionByToken",
      () => client.impersonation.invalidateByToken({ impersonationSessionToken: "x" }),
    ],
    [
      "InvalidateAllImpersonationSessionsForEmployee",
      () => client.impersonation.invalidateAllForEmployee({ employeeEmail: "a@b.c" }),
    ],
    ["InvalidateAllImpersonationSessionsForUser", () => client.impersonation.invalidateAllForUser({ userId: "ada" })],
    ["StartPasskeyRegistration", () => client.passkeys.startRegistration({ userId: "ada", emailOrUsername: "ada" })],
  ];
  it.each(calls)("is said by name: %s", async (name, call) => {
    expect(errorOf(await call())).toEqual({
      type: "UnexpectedError",
      details: `${name} is not served by this sidecar`,
    });
  });
});
