import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "@opentelemetry/api";

const storage = new AsyncLocalStorage<readonly Span[]>();
const NONE: readonly Span[] = [];

/** Runs work, and all that it starts, as a part of these spans: of several, if it serves several requests at once. */
export function withSpans<T>(spans: readonly Span[], work: () => T): T {
  return storage.run(spans, work);
}

/** The spans that the current work is a part of. Those that have ended are left out: a timer may outlive its request. */
export function activeSpans(): readonly Span[] {
  const spans = storage.getStore();
  return spans === undefined || spans.length === 0 ? NONE : spans.filter((span) => span.isRecording());
}
