import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { withSpans } from "../requests/active-spans.ts";
import type { Traceparent } from "../requests/traceparent.ts";
import type { Tracing } from "./tracing.ts";

interface Answered {
  status: number;
  /** The type of the error, from a closed list. */
  error: string | undefined;
}

/**
 * Runs a command as a span of the caller's trace, unless it is not recorded. Nothing of the input or of the answer is in
 * the span, except the type of an error.
 */
export async function traceCommand<T>(
  { tracer }: Tracing,
  command: string,
  traceparent: Traceparent | undefined,
  work: () => Promise<T>,
  describe: (answer: T) => Answered,
): Promise<T> {
  const caller = traceparent && trace.setSpanContext(ROOT_CONTEXT, { ...traceparent, isRemote: true });
  const options = { kind: SpanKind.SERVER, attributes: { "byo.command": command } };
  const span = tracer.startSpan(`byo ${command}`, options, caller ?? ROOT_CONTEXT);
  if (!span.isRecording()) return work();
  try {
    const answer = await withSpans([span], work);
    const { status, error } = describe(answer);
    span.setAttribute("byo.status", status);
    if (error !== undefined) span.setAttribute("error.type", error);
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    return answer;
  } finally {
    span.end();
  }
}
