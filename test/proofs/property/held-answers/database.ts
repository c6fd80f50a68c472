import type { Database, Listener, ListenerEvents, Statement } from "../../../../sidecar/src/engine/db/database.ts";
import type { SessionRow } from "../../../../sidecar/src/engine/sessions/session.ts";
import type { Machine } from "./machine.ts";
import { createPipe, latency, type Pipe } from "./pipe.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** When the histories begin, by the database's clock. */
export const BEGIN_MS = 1_800_000_000_000;

export interface Commit {
  readonly sessionId: string;
  readonly atMs: number;
  /** What a reader sees from then on; it is in the metadata. */
  readonly version: number;
}

/** Postgres, as far as these histories see it: commits in one order, and notifications in the same. */
export interface VirtualDatabase {
  readonly commits: readonly Commit[];
  row(id: string): SessionRow | undefined;
  /** Commits a change of the session now. */
  change(id: string, change: Partial<SessionRow>): void;
  /** A connection of a replica on which it listens. */
  listen(machine: Machine, name: string): Pick<Database, "listen">;
  /** The notifications of a replica stand still, or its connection breaks. */
  disturb(name: string, how: { silentMs: number } | "broken"): void;
  /** How long the way there and back takes, each. */
  readonly latency: () => number;
}

/** Nobody waits longer for an answer. */
const QUERY_TIMEOUT_MS = 1500;

interface Connection {
  channels: readonly string[];
  pipe: Pipe;
  tell(channel: string, payload: string): void;
  lose(): void;
}

export function createVirtualDatabase(
  time: VirtualTime,
  random: Random,
  rows: ReadonlyMap<string, SessionRow>,
): VirtualDatabase {
  const commits: Commit[] = [];
  const current = new Map(rows);
  const listening = new Map<string, Connection>();
  const failing = new Set<string>();

  function notify(channel: string, payload: string): void {
    for (const connection of listening.values()) {
      if (connection.channels.includes(channel)) connection.tell(channel, payload);
    }
  }

  function execute({ name }: Statement, [channel, beat]: readonly unknown[]): unknown[] {
    if (name === "sessions-are-told") return [{ told: true }];
    if (name === "sessions-beat") {
      notify(String(channel), JSON.stringify({ beat, now: BEGIN_MS + time.nowMs, told: true }));
    }
    return [];
  }

  async function open(
    machine: Machine,
    name: string,
    channels: readonly string[],
    events: ListenerEvents,
  ): Promise<Listener> {
    await new Promise<void>((resolve) => time.after(latency(random), resolve));
    if (failing.has(name)) throw new Error("refused");
    const pipe = createPipe(time, random);
    const up = createPipe(time, random);
    const source = `database ${name}`;
    const connection: Connection = {
      channels,
      pipe,
      tell: (channel, payload) => pipe.send(() => machine.run(source, () => events.onTold(channel, payload))),
      lose() {
        pipe.close();
        up.close();
        machine.run(source, () => events.onLost(new Error("lost")));
      },
    };
    listening.set(name, connection);
    return {
      query<Row>(statement: Statement, values: readonly unknown[] = []) {
        return new Promise<Row[]>((resolve, reject) => {
          const cancel = machine.after(QUERY_TIMEOUT_MS, () => reject(new Error("timeout")));
          up.send(() => {
            const rows = execute(statement, values);
            pipe.send(() =>
              machine.run(source, () => {
                cancel();
                resolve(rows as Row[]);
              }),
            );
          });
        });
      },
      async close() {
        pipe.close();
        up.close();
        if (listening.get(name) === connection) listening.delete(name);
      },
    };
  }

  return {
    commits,
    row: (id) => current.get(id),
    change(id, change) {
      const before = current.get(id);
      if (!before || before.endReason !== null) return;
      const version = commits.length + 1;
      current.set(id, { ...before, ...change, metadata: { version } });
      commits.push({ sessionId: id, atMs: time.nowMs, version });
      notify("byo_sessions", id);
    },
    listen: (machine, name) => ({ listen: (channels, events) => open(machine, name, channels, events) }),
    disturb(name, how) {
      const connection = listening.get(name);
      if (how !== "broken") {
        connection?.pipe.block(how.silentMs);
        return;
      }
      failing.add(name);
      time.after(random.between(10, 1500), () => failing.delete(name));
      listening.delete(name);
      connection?.lose();
    },
    latency: () => latency(random),
  };
}

/** What a reader saw, or what an answer says. */
export function versionOf(metadata: unknown): number {
  return typeof metadata === "object" && metadata !== null && "version" in metadata ? Number(metadata.version) : 0;
}
