import type { Tracer } from "@opentelemetry/api";

/** Records what this process does as OpenTelemetry spans. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what has been recorded. */
  close(): Promise<void>;
}
