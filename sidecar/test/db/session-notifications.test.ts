import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ListenerEvents, Statement } from "../../src/engine/db/database.ts";
import { createSessionNotifications } from "../../src/engine/db/session-notifications.ts";

const DATABASE_NOW = 1_800_000_000_000;

let elapsedMs = 0;

beforeEach(() => {
  elapsedMs = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => vi.useRealTimers());

/** A database of one connection at a time, which is silent when the test says so. */
function startNotifications() {
  const log: string[] = [];
  const statements: Statement[] = [];
  const state = { silent: false, told: true, table: "16500", connections: 0, refuses: false };
  let events: ListenerEvents | undefined;
  const notifications = createSessionNotifications({
    db: {
      async listen(_channels, given) {
        if (state.refuses) throw new Error("refused");
        state.connections++;
        events = given;
        return {
          async query<Row>(statement: Statement, [channel, beat]: readonly unknown[] = []) {
            statements.push(statement);
            if (statement.name === "sessions-are-told") return [{ told: state.told } as Row];
            if (statement.name === "sessions-beat" && !state.silent) {
              given.onTold(
                String(channel),
                JSON.stringify({ beat, now: DATABASE_NOW, told: state.told, table: state.table }),
              );
            }
            return [];
          },
          close: async () => {},
        };
      },
    },
    onChanged: (id) => log.push(id),
    onMissed: () => log.push("all"),
    onError: (error) => log.push(error instanceof Error && error.name === "NothingComesBack" ? "silent" : "error"),
    elapsedMs: () => elapsedMs,
  });
  return { notifications, log, statements, state, events: () => events };
}

async function pass(ms: number): Promise<void> {
  elapsedMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
  await setImmediate();
}

describe("notifications of sessions", () => {
  it("give the database's time while the replica hears its own heartbeat, and nothing half a second after it was sent", async () => {
    const { notifications, state } = startNotifications();
    expect(notifications.now()).toBeUndefined();
    await pass(0);
    expect(notifications.now()).toBe(DATABASE_NOW);
    state.silent = true;
    await pass(499);
    expect(notifications.now()).toBe(DATABASE_NOW + 499);
    await pass(1);
    expect(notifications.now()).toBeUndefined();
    state.silent = false;
    await pass(150);
    expect(notifications.now()).toBe(DATABASE_NOW);
    await notifications.close();
  });

  it("say which session changed, and all where that is not known", async () => {
    const { notifications, log, events } = startNotifications();
    await pass(0);
    events()?.onTold("byo_sessions", "one");
    events()?.onTold("byo_sessions", "*");
    expect(log).toEqual(["one", "all"]);
    await notifications.close();
  });

  it("count for nothing when the connection is lost, and reconnect", async () => {
    const { notifications, log, state, events } = startNotifications();
    await pass(0);
    state.refuses = true;
    events()?.onLost(new Error("cut"));
    expect(notifications.now()).toBeUndefined();
    expect(log).toEqual(["all", "error"]);
    // Tried repeatedly, and reported once.
    await pass(1000);
    await pass(1000);
    expect(log.filter((line) => line === "error")).toHaveLength(1);
    state.refuses = false;
    log.length = 0;
    await pass(1000);
    expect(notifications.now()).toBe(DATABASE_NOW);
    expect(state.connections).toBe(2);
    // What changed in between was heard by nobody.
    expect(log).toEqual(["all"]);
    await notifications.close();
  });

  it("are missed, and that is said once, where something in between lets none through", async () => {
    const { notifications, log, state } = startNotifications();
    state.silent = true;
    for (let i = 0; i < 40; i++) await pass(150);
    expect(notifications.now()).toBeUndefined();
    expect(log).toEqual(["silent"]);
    state.silent = false;
    await pass(150);
    expect(notifications.now()).toBe(DATABASE_NOW);
    state.silent = true;
    for (let i = 0; i < 40; i++) await pass(150);
    expect(log).toEqual(["silent", "silent"]);
    await notifications.close();
  });

  it("are switched on where nobody has, and count for nothing when somebody switches them off", async () => {
    const { notifications, statements, state } = startNotifications();
    state.told = false;
    await pass(0);
    expect(statements.map(({ name }) => name)).toContain("sessions-tell");
    expect(notifications.now()).toBeUndefined();
    state.told = true;
    await pass(1000);
    expect(notifications.now()).toBe(DATABASE_NOW);
    state.told = false;
    await pass(150);
    expect(notifications.now()).toBeUndefined();
    await notifications.close();
  });

  it("count for nothing when another table has taken the place of the sessions, until they come from that one", async () => {
    const { notifications, log, state } = startNotifications();
    await pass(0);
    expect(notifications.now()).toBe(DATABASE_NOW);
    state.table = "16600";
    await pass(150);
    expect(notifications.now()).toBeUndefined();
    expect(log).toEqual(["all", "error"]);
    await pass(1000);
    expect(notifications.now()).toBe(DATABASE_NOW);
    await notifications.close();
  });
});
