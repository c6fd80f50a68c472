export interface HttpAnswer {
  status: number;
  body: string;
}

/** Carries one command to the sidecar. What does it differs by runtime; everything above it does not. */
export interface HttpPost {
  /** Rejects on a transport fault and when the signal aborts; any HTTP answer resolves. */
  send(body: string, signal: AbortSignal): Promise<HttpAnswer>;
  /** Runs the callback when the event loop has read what had already arrived: those requests may share a call. */
  afterThisTick(callback: () => void): void;
  close(): Promise<void>;
}

export type HttpPostFactory = (endpoint: URL, headers: Record<string, string>) => HttpPost;
