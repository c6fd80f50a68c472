import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Database, Queryable, Statement } from "../db/database.ts";
import { errorForLog } from "../log-error.ts";
import { activeSpans } from "../requests/active-spans.ts";
import type { Tracing } from "./tracing.ts";

/** A database whose statements are spans of the commands that they are run for. All others run as they are. */
export function traceDatabase(db: Database, { tracer }: Tracing): Database {
  /** A statement that several commands share is a span in the trace of each. */
  function start(name: string, parents: readonly Span[]): Span[] {
    const attributes = { "db.system.name": "postgresql", "db.query.summary": name };
    return parents.map((parent) =>
      tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, trace.setSpan(ROOT_CONTEXT, parent)),
    );
  }

  function traced(queryable: Queryable, parentsNow: () => readonly Span[]): Queryable {
    return {
      query(statement, values) {
        const parents = parentsNow();
        if (parents.length === 0) return queryable.query(statement, values);
        const spans = start(statement.name, parents);
        return ending(spans, queryable.query(withComment(statement, spans[0]), values));
      },
    };
  }

  return {
    ...db,
    ...traced(db, activeSpans),
    transaction(work) {
      const parents = activeSpans();
      if (parents.length === 0) return db.transaction(work);
      const spans = start("transaction", parents);
      return ending(
        spans,
        db.transaction((tx) => work(traced(tx, () => spans))),
      );
    },
  };
}

async function ending<T>(spans: readonly Span[], answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const { code, type } = errorForLog(error);
    for (const span of spans) span.setAttribute("error.type", code ?? type).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/**
 * Names the span to the database, whose log and pg_stat_activity then show it: in front, since the latter cuts off what is
 * long. The text is new each time, so it must not
 * be prepared under a name; the statements of commands that are not recorded, nearly all, are prepared as ever.
 */
function withComment(statement: Statement, span: Span | undefined): Statement {
  if (!span) return statement;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, "0");
  return { ...statement, name: "", text: `/*traceparent='00-${traceId}-${spanId}-${flags}'*/ ${statement.text}` };
}
