import type pg from "pg";
import { DatabaseUnavailable, type Listener, type ListenerEvents } from "../database.ts";
import type { Servers } from "./servers.ts";
import { answered, runStatement } from "./statements.ts";
import { CONNECT_TIMEOUT_MS, QUERY_TIMEOUT_MS } from "./time-limits.ts";

const CONNECTION = {
  application_name: "byo-session listener",
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  query_timeout: QUERY_TIMEOUT_MS,
};

/**
 * A pooler shares the backend that listens with other clients. Some notifications would arrive, and others be lost
 * silently, so this connection may not be used for them.
 */
class SharedBackend extends Error {
  override readonly name = "SharedBackend";

  constructor() {
    super(
      "DATABASE_URL leads to a pooler, which loses notifications: set DATABASE_DIRECT_URL to Postgres itself, set " +
        "DATABASE_POOLER=session if the pool is in session mode, or set SESSION_CACHE=off",
    );
  }
}

/** Opens a connection of its own that listens to channels. Rejects with `SharedBackend` if a pooler shares it. */
export async function listen(
  servers: Servers,
  channels: readonly string[],
  { onTold, onLost }: ListenerEvents,
): Promise<Listener> {
  const client = await servers.open(CONNECTION, { limited: true });
  let isOpen = true;
  const lost = (error: Error) => {
    if (isOpen) onLost(error);
    isOpen = false;
  };
  client.on("error", lost);
  client.on("end", () => lost(new DatabaseUnavailable("the connection was closed")));
  client.on("notification", ({ channel, payload = "" }) => onTold(channel, payload));
  try {
    await makeSureIsOwn(client, servers);
    for (const channel of channels) await answered(client.query(`LISTEN ${client.escapeIdentifier(channel)}`));
  } catch (error) {
    isOpen = false;
    await client.end().catch(() => {});
    throw error;
  }
  return {
    query: (statement, values) => runStatement(client, statement, values, { isPrepared: true }),
    async close() {
      isOpen = false;
      await client.end();
    },
  };
}

/** Session mode may have been set by mistake: then a second connection soon gets the backend of the first. */
async function makeSureIsOwn(client: pg.ClientBase, servers: Servers): Promise<void> {
  const { changesBackends, isPooled, pid } = servers.standingOf(client);
  if (changesBackends) throw new SharedBackend();
  if (!isPooled) return;
  const second = await servers.open(CONNECTION, { limited: false });
  const isShared = servers.standingOf(second).pid === pid;
  await second.end();
  if (isShared) throw new SharedBackend();
}
