/**
 * A tab's message to the others: "check again, unless you already know this". They ask the server, and believe only
 * that.
 */
export interface TabMessage {
  /** The id of the tab's session, or null. Not a secret. */
  readonly sessionId: string | null;
  /** Why there is no session. The server says so once, with the response that removes the cookie. */
  readonly reason?: string | undefined;
  /** The session has just been used, so it ends later than other tabs may think. */
  readonly isExtended?: true;
}

export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

/** The other tabs whose pages use the same routes; undefined if the environment has no tabs. */
export function openTabs(prefix: string, onMessage: (message: TabMessage) => void): Tabs | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  const channel = new BroadcastChannel(`byo-session ${prefix}`);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = messageIn(data);
    if (message) onMessage(message);
  };
  return {
    tell: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}

/** Any script of the origin can send, such as another app's or another version's of this library. */
function messageIn(data: unknown): TabMessage | undefined {
  const { sessionId, reason, isExtended } = Object(data);
  if (sessionId !== null && typeof sessionId !== "string") return undefined;
  return {
    sessionId,
    ...(typeof reason === "string" && { reason }),
    ...(isExtended === true && { isExtended }),
  };
}
