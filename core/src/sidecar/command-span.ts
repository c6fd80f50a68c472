/** The part of OpenTelemetry's API that is used. Core does not depend on it: what an application registers is found. */
export interface TracerProvider {
  getTracer(name: string): {
    startSpan(name: string, options: { kind: number; attributes: Record<string, string> }): Span;
  };
}

interface Span {
  spanContext(): { traceId: string; spanId: string; traceFlags: number };
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** A command as a span of the request that the application is serving. */
export interface CommandSpan {
  /** For the sidecar, which continues the trace (W3C Trace Context). */
  readonly traceparent: string;
  end(status: number | undefined): void;
}

/** Where version 1 of `@opentelemetry/api` keeps what is registered, so that several copies of it share it. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");
/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`. */
const CLIENT = 2;
const ERROR = 2;

/**
 * Starts the span of a command, in the trace that is active. Undefined: the application traces nothing. Headers of its
 * clients are not read here: only the application's own instrumentation decides what they may start.
 */
export function startCommandSpan(command: string): CommandSpan | undefined {
  const registered: { trace?: TracerProvider } | undefined = Reflect.get(globalThis, REGISTERED);
  if (!registered?.trace) return undefined;
  const tracer = registered.trace.getTracer("@byo-session/core");
  const span = tracer.startSpan(`byo ${command}`, { kind: CLIENT, attributes: { "byo.command": command } });
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
    end(status) {
      if (status !== undefined) span.setAttribute("byo.status", status);
      if (status === undefined || status >= 500) span.setStatus({ code: ERROR });
      span.end();
    },
  };
}
