/** Tells of changes of sessions as they happen, where the sidecar can. */
export interface SessionPushes {
  /** Whether everything that has changed until a moment ago was told. Nothing is known without it. */
  readonly isVouched: boolean;
  /** Asks to be told of a session: `watched` or `refused` follows, now or later, as often as the connection changes. */
  watch(id: string): void;
  unwatch(id: string): void;
  /** Opens a connection where there is none. Call it again and again while anything is watched. */
  keepOpen(): void;
  listener: PushListener;
}

export interface PushListener {
  /** From now on every change of the session is told. What happened before may not have been. */
  watched(id: string): void;
  /** It is not told of: too many sessions are watched. */
  refused(id: string): void;
  changed(id: string): void;
  /** Any session may have changed. */
  anyChanged(): void;
  /** Nothing is told any more, until `watched`. */
  lost(): void;
}
