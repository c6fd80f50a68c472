/** A statement with a stable name, so that Postgres prepares it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** `session`: it changes the session whose id is its first value, so what remembers that one forgets it. */
  readonly changes?: "session";
}

export interface Queryable {
  /** Runs one statement and gives its rows. A statement that changes rows says with RETURNING which. */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface MaintenanceConnection extends Queryable {
  /** Runs a script of several statements. */
  script(sql: string): Promise<void>;
}

/** A connection of its own that hears what is told on some channels. */
export interface Listener extends Queryable {
  close(): Promise<void>;
}

export interface ListenerEvents {
  onTold: (channel: string, payload: string) => void;
  /** The connection is gone: from now on nothing is heard. Called at most once, and not after `close`. */
  onLost: (error: Error) => void;
}

/** What the stores need of a database: the same on a Postgres server and on the embedded one. */
export interface Database extends Queryable {
  readonly kind: "postgres" | "embedded";
  /** Runs the work in one READ COMMITTED transaction; a throw rolls it back. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** One transaction on a connection of its own, without the time limits of requests: for migrations. */
  maintenance<T>(work: (connection: MaintenanceConnection) => Promise<T>): Promise<T>;
  /** Listens to channels (LISTEN and NOTIFY). What the listener itself tells comes after all that was told before. */
  listen(channels: readonly string[], events: ListenerEvents): Promise<Listener>;
  close(): Promise<void>;
}

/** The database did not answer: it is down, frozen or too busy. Nothing is known about what was asked. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}
