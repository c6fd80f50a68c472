/** What a tab says to the others: "look again, unless this is what you know". They ask the server, and believe that. */
export interface TabMessage {
  /** Of the session that the tab has; null: none. No secret. */
  readonly sessionId: string | null;
  /** Why the session is missing. The server says so once, with the answer that takes the cookie away. */
  readonly reason?: string | undefined;
}

export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

/** The other tabs whose pages ask at the same place; undefined where the environment knows no tabs. */
export function openTabs(prefix: string, onMessage: (message: TabMessage) => void): Tabs | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  const channel = new BroadcastChannel(`byo-session ${prefix}`);
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => onMessage(data);
  return {
    tell: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
