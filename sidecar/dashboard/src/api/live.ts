import type { LiveMessages } from "../../../src/dashboard/contract/live.ts";
import { hrefOf } from "./call.ts";
import type { InputOf } from "./calls.ts";

export type LiveSubject = InputOf<"live/events">;

interface LiveHandlers {
  /** The stream is there, again or for the first time: what happened before is not in it. */
  onOpen(): void;
  onEvents(items: LiveMessages["events"]["items"]): void;
  onChanged(): void;
  /** The stream is away. It is opened again by itself. */
  onAway(): void;
}

const AGAIN_MS = 5_000;

/** Follows what happens while the page is in view; returns what ends it. */
export function followLive(subject: LiveSubject, handlers: LiveHandlers): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;

  function open(): void {
    close();
    if (document.hidden) return;
    source = new EventSource(hrefOf("live/events", subject));
    source.addEventListener("open", handlers.onOpen);
    source.addEventListener("events", ({ data }: MessageEvent<string>) => {
      const { items }: LiveMessages["events"] = JSON.parse(data);
      handlers.onEvents(items);
    });
    source.addEventListener("changed", handlers.onChanged);
    source.addEventListener("error", () => {
      // After an answer that is no stream, the browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_MS);
      handlers.onAway();
    });
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  // A browser keeps few connections to one server, so pages that nobody sees hold none.
  document.addEventListener("visibilitychange", open);
  open();
  return () => {
    document.removeEventListener("visibilitychange", open);
    close();
  };
}
