import { beforeAll, describe, expect, it } from "vitest";
import type { LiveMessages } from "../../../../sidecar/src/dashboard/contract/live.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { startDashboard, type TestDashboard } from "./dashboard-client.ts";
import { type LiveReader, readLive } from "./live-reader.ts";

/** A few turns of the feed. */
const SOON = { timeout: 15_000 };

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});

const open = (query = "", client = dashboard.owner) => readLive(dashboard.sidecar.dashboardUrl, client, query);
const eventsOf = ({ messages }: LiveReader) =>
  messages.flatMap(({ name, data }) => (name === "events" ? (data as LiveMessages["events"]).items : []));

describe("the stream of live events", () => {
  it("sends what happens to a user, and to nobody else, with the session it belongs to", async () => {
    const reader = await open("?userId=ada");
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "ada", userAgent: CHROME_ON_MAC });
    await logIn(dashboard.sidecar, { userId: "grace" });
    await expect.poll(() => eventsOf(reader).length, SOON).toBe(1);
    expect(eventsOf(reader)[0]).toMatchObject({
      ...{ event: "SessionCreated", userId: "ada", sessionId },
      session: { device: { displayName: "Chrome 140 on macOS" } },
    });
    reader.close();
  });

  it("sends an event again when it has happened again, and otherwise only once", async () => {
    const { token, sessionId } = await logIn(dashboard.sidecar, { userId: "edith", userAgent: CHROME_ON_MAC });
    await validate(dashboard.sidecar, token, { userAgent: FIREFOX_ON_MAC });
    const reader = await open(`?sessionId=${sessionId}`);
    const counts = () =>
      eventsOf(reader)
        .filter(({ event }) => event === "SessionRefused")
        .map(({ count }) => count);
    const tries = async () => {
      for (let index = 0; index < 3; index++) await validate(dashboard.sidecar, token, { userAgent: FIREFOX_ON_MAC });
    };
    await tries();
    await expect.poll(() => counts().at(-1), SOON).toBe(3);
    const sentBefore = counts().length;
    await tries();
    await expect.poll(() => counts().at(-1), SOON).toBe(6);
    expect(counts().length).toBeGreaterThan(sentBefore);
    expect(eventsOf(reader).filter(({ event }) => event === "SessionCreated")).toHaveLength(1);
    reader.close();
  });

  it("says to a page about everything only that something has changed", async () => {
    const reader = await open();
    await expect.poll(() => reader.messages.length, SOON).toBe(1);
    await logIn(dashboard.sidecar, { userId: "mary" });
    await expect.poll(() => reader.messages.length, SOON).toBe(2);
    expect(reader.messages.map(({ name }) => name)).toEqual(["changed", "changed"]);
    reader.close();
  });

  it("is refused to a stranger", async () => {
    expect((await open("", dashboard.newClient())).status).toBe(401);
  });

  it("ends with the login, by a logout, by idleness and by a disabled account, and never counts as use", async () => {
    const [loggedOut, disabled] = await Promise.all([dashboard.person("Editor"), dashboard.person("ReadOnly")]);
    const readers = await Promise.all([open("?userId=ada", loggedOut), open("", disabled)]);
    await loggedOut.call("access/logout");
    await dashboard.owner.get("settings/change-user", { username: disabled.username, isDisabled: true });
    await Promise.all(readers.map(({ ended }) => ended));
    const idle = await dashboard.person("ReadOnly");
    const reader = await open("", idle);
    await expect.poll(() => reader.messages.length, SOON).toBe(1);
    await dashboard.sidecar.advance(31 * 60);
    await reader.ended;
    expect((await idle.call("sessions/list")).status).toBe(401);
    await dashboard.owner.logIn(dashboard.owner.username, dashboard.owner.password);
  }, 60_000);

  it("is for ten pages of a person at most", async () => {
    const person = await dashboard.person("ReadOnly");
    const readers = await Promise.all(Array.from({ length: 10 }, () => open("?userId=ada", person)));
    expect(readers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await open("?userId=ada", person)).status).toBe(503);
    for (const reader of readers) reader.close();
    await expect.poll(async () => (await open("?userId=ada", person)).status, SOON).toBe(200);
  });

  it("holds up no sidecar that stops", async () => {
    const other = await startDashboard();
    const reader = await readLive(other.sidecar.dashboardUrl, other.owner);
    const start = performance.now();
    await other.sidecar.stop();
    await reader.ended;
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
