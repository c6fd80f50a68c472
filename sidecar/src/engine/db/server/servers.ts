import pg from "pg";
import { NO_CONNECTION_LEFT } from "../../causes/database-causes.ts";
import { factsOf } from "../../causes/facts.ts";
import { type ConnectionSettings, readConnectionString } from "../../connection-string.ts";
import { DatabaseUnavailable } from "../database.ts";
import { examine, type Pooler, type Standing } from "./standing.ts";
import { createTlsOptions } from "./tls-options.ts";

export interface ServersOptions {
  connectionString: string;
  /** The setting that says so, for errors. Default: DATABASE_URL. */
  setting?: string;
  pooler?: Pooler;
  /** Called for each new connection. */
  onConnected?: (standing: Standing) => void;
}

/** The servers of a connection string. One accepts writes at a time; which one is found out by trying. */
export interface Servers {
  readonly settings: ConnectionSettings;
  /** The class of connections, for a pool. */
  readonly Client: new (
    config?: pg.ClientConfig,
  ) => pg.Client;
  /** Checks a connection of a pool and sets the time limits of requests. Rejects if it cannot be used. */
  accept(client: pg.ClientBase): Promise<void>;
  /** Opens a connection outside of the pool; each server is tried once. */
  open(config: pg.ClientConfig, limits: { limited: boolean }): Promise<pg.Client>;
  standingOf(client: pg.ClientBase): Standing;
  /** Runs something that connects, again for each further server while it fails. */
  onEach<T>(connect: () => Promise<T>): Promise<T>;
}

/** What pg-pool says when every connection is in use: then another server would not help. */
const POOL_IS_FULL = "timeout exceeded when trying to connect";

export function createServers({
  connectionString,
  setting = "DATABASE_URL",
  pooler = "auto",
  onConnected,
}: ServersOptions): Servers {
  const settings = readConnectionString(connectionString);
  const { servers, user, password, database, options, channelBinding, applicationName } = settings;
  const tls = createTlsOptions(settings);
  const standings = new WeakMap<pg.ClientBase, Standing>();
  let current = 0;

  class ServerClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({
        application_name: applicationName ?? "byo-session",
        keepAlive: true,
        ...config,
        ...{ user, password, database, options, enableChannelBinding: channelBinding, ssl: tls() },
        ...servers[current],
      });
      // An "error" event without a listener would end the process. A connection can break at any moment, also between two
      // statements or while it is returned to the pool.
      this.on("error", () => {});
    }
  }

  async function accept(client: pg.ClientBase, limits: { limited: boolean }): Promise<void> {
    const standing = await examine(client, { pooler, ...limits });
    standings.set(client, standing);
    onConnected?.(standing);
  }

  async function onEach<T>(connect: () => Promise<T>): Promise<T> {
    let full: unknown;
    for (let left = servers.length - 1; ; left--) {
      const tried = current;
      try {
        return await connect();
      } catch (error) {
        const isFull = error instanceof Error && error.message === POOL_IS_FULL;
        // What a standby says after a full primary would hide the reason.
        if (NO_CONNECTION_LEFT.is(factsOf(error))) full ??= error;
        // Another connection may have left it already.
        if (!isFull && current === tried) current = (tried + 1) % servers.length;
        if (isFull || left === 0)
          throw new DatabaseUnavailable(`the database of ${setting} cannot be reached`, { cause: full ?? error });
      }
    }
  }

  return {
    settings,
    Client: ServerClient,
    accept: (client) => accept(client, { limited: true }),
    open: (config, limits) =>
      onEach(async () => {
        const client = new ServerClient(config);
        try {
          await client.connect();
          await accept(client, limits);
          return client;
        } catch (error) {
          client.end().catch(() => {});
          throw error;
        }
      }),
    standingOf(client) {
      const standing = standings.get(client);
      if (!standing) throw new Error("expected a connection that was opened here");
      return standing;
    },
    onEach,
  };
}
