/** A statement with a stable name, so that Postgres prepares it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** `session`: it changes the sessions whose id, or list of ids, is its first value, so caches must forget them. */
  readonly changes?: "session";
}

export interface Queryable {
  /** Runs one statement and returns its rows. A statement that changes rows returns them with RETURNING. */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface MaintenanceConnection extends Queryable {
  /** Runs a script of several statements. */
  script(sql: string): Promise<void>;
}

/** A connection of its own that receives the notifications of some channels. */
export interface Listener extends Queryable {
  close(): Promise<void>;
}

export interface ListenerEvents {
  onTold: (channel: string, payload: string) => void;
  /** The connection is lost, so no more notifications arrive. Called at most once, and not after `close`. */
  onLost: (error: Error) => void;
}

/** How a pool of connections is used right now. */
export interface DatabaseLoad {
  connections: number;
  idle: number;
  /** Statements and transactions that wait for a connection. */
  waiting: number;
  /** Connections whose write got no answer in time, and which the server may still be at work on. */
  abandoned: number;
  /** How many such writes there have been. */
  abandonedTotal: number;
}

/** What the stores need from a database; the same on a Postgres server and on the embedded one. */
export interface Database extends Queryable {
  readonly kind: "postgres" | "embedded";
  /** Runs the work in one READ COMMITTED transaction; a throw rolls it back. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** One transaction on a connection of its own, without the time limits of requests: for migrations. */
  maintenance<T>(work: (connection: MaintenanceConnection) => Promise<T>): Promise<T>;
  /** Listens to channels (LISTEN and NOTIFY). The listener's own notifications arrive after all earlier ones. */
  listen(channels: readonly string[], events: ListenerEvents): Promise<Listener>;
  /** Undefined on the embedded database, which has one connection. */
  load?(): DatabaseLoad;
  /**
   * Rejects with `DatabaseUnavailable` if the disk has no space for writes. Undefined on a server, which says so itself,
   * and in memory.
   */
  expectSpace?: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** The server accepts no writes: a standby, a primary that was demoted, or a database that was set to read-only. */
export class ReadOnlyServer extends Error {
  override readonly name = "ReadOnlyServer";

  constructor() {
    super("the server accepts no writes: it is a standby, or set to read-only");
  }
}

/** The database did not answer: it is down, frozen or too busy. The statement may or may not have run. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}
