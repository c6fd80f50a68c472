import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { type Client, invalid, logIn, refresh, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const HOME: Client = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const HOME_TOO: Client = { ipAddress: "203.0.113.200", userAgent: CHROME_ON_MAC };
const AWAY: Client = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "shared:off", on_shared_session: "off" },
    { tag: "shared:end", on_shared_session: "end" },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

/** The events of a session once a refusal that came after everything else is there. */
async function eventsOf({ token, sessionId }: { token: string; sessionId: string }): Promise<string[]> {
  await validate(sidecar, token, { ...HOME, requiredTags: ["no:such"] });
  await auditRow(sidecar, sessionId, "SessionRefused");
  return (await auditRows(sidecar, { sessionId })).map(({ event }) => event);
}

async function useBy(token: string, clients: Client[]): Promise<void> {
  for (const client of clients) expect(await validate(sidecar, token, client)).toMatchObject({ status: 200 });
}

describe("a session that two clients use in turn", () => {
  it("is flagged by default, and lives", async () => {
    const { token, sessionId } = await logIn(sidecar, HOME);
    await useBy(token, [HOME, AWAY, HOME]);
    expect(await auditRow(sidecar, sessionId, "SessionShared")).toMatchObject({
      ip_address: HOME.ipAddress,
      user_agent: CHROME_ON_MAC,
    });
    expect(await validate(sidecar, token, AWAY)).toMatchObject({ status: 200 });
  });

  it("is ended where the policy says so", async () => {
    const { token, sessionId } = await logIn(sidecar, { ...HOME, tags: ["shared:end"] });
    await useBy(token, [HOME, AWAY]);
    const answer = invalid("TokenReused: two clients use this session in turn");
    expect(await validate(sidecar, token, HOME)).toEqual(answer);
    expect(await validate(sidecar, token, AWAY)).toEqual(invalid("TokenReused"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({ reason: "TokenReused" });
  });

  it("is ignored if the policy says so", async () => {
    const session = await logIn(sidecar, { ...HOME, tags: ["shared:off"] });
    await useBy(session.token, [HOME, AWAY, HOME, AWAY]);
    expect(await eventsOf(session)).toEqual(["SessionCreated", "SessionRefused"]);
  });

  it("is not one whose user moves once", async () => {
    const session = await logIn(sidecar, { ...HOME, tags: ["shared:end"] });
    await useBy(session.token, [HOME, HOME, AWAY, AWAY]);
    expect(await validate(sidecar, session.token, AWAY)).toMatchObject({ status: 200 });
  });

  it("is not one whose address changes within its network", async () => {
    const session = await logIn(sidecar, { ...HOME, tags: ["shared:end"] });
    await useBy(session.token, [HOME, HOME_TOO, HOME, HOME_TOO]);
  });

  it("cannot be told where address or user agent are not passed", async () => {
    const { token } = await logIn(sidecar, { tags: ["shared:end"] });
    const addresses = [HOME, AWAY, HOME, AWAY].map(({ ipAddress }) => ({ ipAddress }));
    await useBy(token, [...addresses, {}, ...addresses]);
  });

  it("is told within one generation of the token", async () => {
    const session = await logIn(sidecar, HOME);
    await useBy(session.token, [HOME, AWAY]);
    await sidecar.advance(3601);
    const token = await successorOf(sidecar, session.token, AWAY);
    await refresh(sidecar, token, HOME);
    expect(await eventsOf({ ...session, token })).toEqual([
      "SessionCreated",
      "RotationStarted",
      "RotationConfirmed",
      "SessionRefused",
    ]);
    await useBy(token, [AWAY, HOME]);
    await auditRow(sidecar, session.sessionId, "SessionShared");
  });
});
