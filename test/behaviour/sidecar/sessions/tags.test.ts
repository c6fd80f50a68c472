import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { logIn, validate } from "../login.ts";

const DEFAULT_SECS = 10_000;
const CLIENT = { ipAddress: "203.0.113.20" };
let sidecar: TestSidecar;

beforeAll(async () => {
  const config = {
    defaults: { absolute_lifetime_secs: DEFAULT_SECS, ip_blocklist: ["192.0.2.66"] },
    tags: [
      { tag: "life:long", absolute_lifetime_secs: 90_000 },
      { tag: "life:short", absolute_lifetime_secs: 500 },
      { tag: "life:shorter", absolute_lifetime_secs: 400 },
      { tag: "org:first", absolute_lifetime_secs: 70_000 },
      { tag: "plan:second", absolute_lifetime_secs: 60_000 },
      { tag: "net:a", ip_allowlist: ["203.0.113.0/24", "192.0.2.0/24"] },
      { tag: "net:b", ip_allowlist: ["203.0.113.0/25"] },
      { tag: "net:c", ip_allowlist: ["198.51.100.0/24"] },
      { tag: "bad:a", ip_blocklist: ["203.0.113.5"] },
      { tag: "bad:b", ip_blocklist: ["203.0.113.6"] },
      { tag: "fix:yes", disallow_ip_address_changes: true },
      { tag: "fix:no", disallow_ip_address_changes: false },
    ],
    tag_priority: ["org", "plan"],
  };
  sidecar = await startTestSidecar({ config });
});

async function lifetimeOf(...tags: string[]): Promise<number> {
  const { token, expiresAt } = await logIn(sidecar, { ...CLIENT, tags });
  return expiresAt - Number((await validate(sidecar, token, CLIENT)).body.createdAt);
}

async function isLetIn(tags: string[], ipAddress: string): Promise<boolean> {
  const { status } = await sidecar.command("CreateSession", { userId: "ada", tags, ipAddress });
  return status === 200;
}

describe("the settings of a session's tags", () => {
  it.each([
    ["those of the defaults where no tag sets one", ["no:policy", "net:a"], DEFAULT_SECS],
    ["those of a tag over the defaults, also where looser", ["life:long"], 90_000],
    ["the stricter of two equals", ["life:long", "life:short", "life:shorter"], 400],
    ["those of a listed type over an unlisted one, also where looser", ["life:short", "org:first"], 70_000],
    ["those of the type that is listed first", ["plan:second", "org:first"], 70_000],
    ["those of the first in the list, wherever it stands in the session", ["org:first", "plan:second"], 70_000],
    ["those of exactly the tag", ["life:short:er", "life:LONG"], DEFAULT_SECS],
  ])("are %s", async (_, tags, lifetimeSecs) => {
    expect(await lifetimeOf(...tags)).toBe(lifetimeSecs);
  });

  it("let in from where every allowlist does", async () => {
    expect(await isLetIn(["net:a"], "203.0.113.200")).toBe(true);
    expect(await isLetIn(["net:a", "net:b"], "203.0.113.200")).toBe(false);
    expect(await isLetIn(["net:a", "net:b"], "203.0.113.20")).toBe(true);
    // The lists have nothing in common, so nobody is let in, which is not the same as no list.
    expect(await isLetIn(["net:a", "net:c"], "203.0.113.20")).toBe(false);
    expect(await isLetIn(["net:a", "net:c"], "198.51.100.1")).toBe(false);
  });

  it("block what any blocklist does", async () => {
    for (const blocked of ["203.0.113.5", "203.0.113.6"])
      expect(await isLetIn(["bad:a", "bad:b"], blocked)).toBe(false);
    expect(await isLetIn(["bad:a", "bad:b"], "203.0.113.7")).toBe(true);
    // A tag's list replaces the list of the defaults.
    expect(await isLetIn([], "192.0.2.66")).toBe(false);
    expect(await isLetIn(["bad:a"], "192.0.2.66")).toBe(true);
  });

  it("forbid what one of equals forbids", async () => {
    const { token } = await logIn(sidecar, { tags: ["fix:no", "fix:yes"], ipAddress: "203.0.113.1" });
    expect(await validate(sidecar, token, { ipAddress: "203.0.113.2" })).toMatchObject({ status: 403 });
  });

  it("come with a tag that is added, and go with one that is removed", async () => {
    const { token, sessionId } = await logIn(sidecar, { ...CLIENT, tags: ["life:long"] });
    const createdAt = Number((await validate(sidecar, token, CLIENT)).body.createdAt);
    const expiry = async () => Number((await validate(sidecar, token, CLIENT)).body.expiresAt) - createdAt;
    expect(await expiry()).toBe(90_000);
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["life:short"] });
    expect(await expiry()).toBe(500);
    await sidecar.run("UpdateSession", { sessionId, tagsToRemove: ["life:short", "life:long"] });
    expect(await expiry()).toBe(DEFAULT_SECS);
    // The lifetime granted at login is the maximum.
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["life:long"] });
    expect(await expiry()).toBe(90_000);
    const short = await logIn(sidecar, { ...CLIENT, tags: ["life:short"] });
    await sidecar.run("UpdateSession", { sessionId: short.sessionId, tagsToRemove: ["life:short"] });
    expect((await validate(sidecar, short.token, CLIENT)).body.expiresAt).toBe(short.expiresAt);
  });
});

describe("on_create_only_tags", () => {
  it("may name every type", async () => {
    const strict = await startTestSidecar({ config: { on_create_only_tags: ["*"] }, database: sidecar.database });
    const { sessionId } = await logIn(strict, { tags: ["role:user"] });
    for (const changes of [{ tagsToAdd: ["a:b", "c:d"] }, { tagsToRemove: ["role:user"] }]) {
      const { status, body } = await strict.command("UpdateSession", { sessionId, ...changes });
      expect(status).toBe(400);
      expect(body.type).toBe("CannotModifyOnCreateOnlyTags");
    }
    expect(await strict.command("UpdateSession", { sessionId, newMetadata: 1 })).toMatchObject({ status: 200 });
    await strict.stop();
  });
});
