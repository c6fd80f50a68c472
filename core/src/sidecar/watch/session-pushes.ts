/** Reports changes of sessions as they happen, if the sidecar can. */
export interface SessionPushes {
  /** Whether every change until a moment ago was reported. If false, nothing is known. */
  readonly isVouched: boolean;
  /** Requests reports about a session. `watched` or `refused` follows, now or later, once for each new connection. */
  watch(id: string): void;
  unwatch(id: string): void;
  /** Opens a connection if there is none. Call it repeatedly while anything is watched. */
  keepOpen(): void;
  listener: PushListener;
}

export interface PushListener {
  /** From now on every change of the session is reported. Earlier changes may not have been. */
  watched(id: string): void;
  /** Changes of the session are not reported, because too many sessions are watched. */
  refused(id: string): void;
  changed(id: string): void;
  /** Any session may have changed. */
  anyChanged(): void;
  /** Nothing is reported until the next `watched`. */
  lost(): void;
}
