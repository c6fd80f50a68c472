/** How a statement is run. */
export interface RunOptions {
  /** It changes something, so it needs space on the disk. */
  writes: boolean;
}

/** The one connection of an embedded database. Statements run one after the other. */
export interface Connection {
  query(text: string, values: readonly unknown[], options: RunOptions): Promise<Record<string, unknown>[]>;
  /** Runs a script of several statements, however long they take. */
  script(text: string): Promise<void>;
  listen(channel: string, onTold: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
