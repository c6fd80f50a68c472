import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type OtlpCollector, type ReceivedSpan, startOtlpCollector } from "../../../harness/otlp-collector.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { clientOf, connectedClient } from "../../fast-path/connected-client.ts";
import { logIn } from "../login.ts";

const embedded = inject("database").kind === "embedded";
const SOON = { timeout: 10_000 };
const USER_AGENT = "Firefox-of-nobody";
const ADDRESS = "203.0.113.77";
/** What the application's own SDK records. */
const recorded = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: recorded })] });
let collector: OtlpCollector;
let sidecar: TestSidecar;

beforeAll(async () => {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  collector = await startOtlpCollector();
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "50" };
  sidecar = await startTestSidecar({ env: { ...tracing, SESSION_CACHE: "off" } });
});

afterAll(() => {
  trace.disable();
  context.disable();
});

/** Runs work of an application within a span, and returns the id of its trace. */
async function inTrace(work: () => Promise<unknown>): Promise<string> {
  return await trace.getTracer("app").startActiveSpan("GET /me", async (span) => {
    await work();
    span.end();
    return span.spanContext().traceId;
  });
}

/** The spans of a trace at the collector, once the one of this name is there: it ends last. */
async function received(traceId: string, last: string): Promise<ReceivedSpan[]> {
  const found = () => collector.spans.filter((span) => span.traceId === traceId);
  await expect.poll(() => found().map(({ name }) => name), { timeout: 15_000 }).toContain(last);
  return found();
}

const post = (data: object, headers: Record<string, string>) =>
  request(`${sidecar.url}/run-command`, {
    method: "POST",
    headers: { authorization: `Bearer ${sidecar.integrationKey}`, ...headers },
    body: JSON.stringify(data),
  });

describe.each([
  ["frames", () => connectedClient(sidecar)],
  // The first command of a client goes by request, while the connection for frames is being opened.
  ["requests", async () => clientOf(sidecar)],
])("by %s", (_, client) => {
  it("one trace leads from the application's request to the statement", async () => {
    const { token: sessionToken } = await logIn(sidecar);
    const { session } = await client();
    const traceId = await inTrace(() => session.validate({ sessionToken }));
    const inApp = recorded.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
    const ofCore = inApp.find(({ name }) => name === "byo ValidateSession");
    const spans = await received(traceId, "byo ValidateSession");
    const command = spans.find(({ name }) => name === "byo ValidateSession");
    const statement = spans.find(({ parentSpanId }) => parentSpanId === command?.spanId);
    expect(command?.parentSpanId).toBe(ofCore?.spanContext().spanId);
    expect(statement?.name).toMatch(/^session/);
  });
});

it("requests that share a statement each have it in their own trace", async () => {
  const logins = await Promise.all([logIn(sidecar), logIn(sidecar), logIn(sidecar)]);
  const { session } = await connectedClient(sidecar);
  const ids = await Promise.all(
    logins.map(({ token: sessionToken }) => inTrace(() => session.validate({ sessionToken }))),
  );
  for (const traceId of ids) {
    const names = (await received(traceId, "byo ValidateSession")).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("session"))).toHaveLength(1);
  }
});

it("a transaction is a span with its statements in it", async () => {
  const { session } = await connectedClient(sidecar);
  const traceId = await inTrace(() => session.create({ userId: "grace" }));
  const spans = await received(traceId, "byo CreateSession");
  const transaction = spans.find(({ name }) => name === "transaction");
  expect(spans.filter(({ parentSpanId }) => parentSpanId === transaction?.spanId).length).toBeGreaterThan(1);
});

it.skipIf(embedded)("the database sees which span a statement is (the embedded one shows nobody)", async () => {
  const { token: sessionToken } = await logIn(sidecar);
  const { session } = await connectedClient(sidecar);
  const { traceId, query } = await vi.waitFor(async () => {
    const traceId = await inTrace(() => session.validate({ sessionToken }));
    const [seen] = await sidecar.sql<{ query: string }>("SELECT query FROM pg_stat_activity WHERE query LIKE $1", [
      `%${traceId}-%`,
    ]);
    // Work of the sidecar's own may be the connection's next statement.
    expect(seen).toBeDefined();
    return { traceId, query: seen?.query };
  }, SOON);
  const [statement] = (await received(traceId, "byo ValidateSession")).filter(({ name }) => name.startsWith("session"));
  expect(query).toMatch(new RegExp(`^/\\*traceparent='00-${traceId}-${statement?.spanId}-01'\\*/ SELECT`));
});

it("nothing of the input is in what is sent", async () => {
  const { session } = await connectedClient(sidecar);
  const { token: sessionToken, userId } = await logIn(sidecar, { userAgent: USER_AGENT });
  await inTrace(() => session.validate({ sessionToken, userAgent: USER_AGENT, ipAddress: ADDRESS }));
  const traceId = await inTrace(() => session.validate({ sessionToken: "no-token", ipAddress: ADDRESS }));
  await received(traceId, "byo ValidateSession");
  const sent = collector.text();
  expect(sent).toContain("InvalidSessionToken");
  for (const secret of [sessionToken.slice(-43), USER_AGENT, ADDRESS, userId, sidecar.integrationKey, "no-token"])
    expect(sent).not.toContain(secret);
});

describe("what a caller says", () => {
  const command = { command: "ValidateSession", data: { sessionToken: "x" } };

  it.each([
    ["a trace of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
    ["a span of zeros", `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`],
    ["capitals", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01"],
    ["the forbidden version", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    ["more than version 00 has", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"],
    ["a comment's end", "00-*/ DROP TABLE byo.sessions; --"],
    ["a long text", "0".repeat(10_000)],
  ])("%s is not taken, and changes no answer", async (_, traceparent) => {
    const { statusCode } = await post(command, { traceparent });
    expect(statusCode).toBe(401);
    const inFrame = await post({ ...command, traceparent }, {});
    expect(inFrame.statusCode).toBe(401);
    expect(sidecar.logText()).not.toContain("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  it("that a trace is not recorded is respected, and its name is in the log all the same", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const data = { command: "CreateSession", data: { userId: "quiet" } };
    const { headers } = await post(data, { traceparent: `00-${traceId}-b7ad6b7169203331-00` });
    const requestId = headers["x-request-id"];
    expect(sidecar.logs()).toContainEqual(
      expect.objectContaining({ event: "SessionCreated", userId: "quiet", traceId, requestId }),
    );
    const later = await inTrace(async () => (await connectedClient(sidecar)).session.create({ userId: "loud" }));
    await received(later, "byo CreateSession");
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it("a flood that wants to be recorded is recorded up to a limit", async () => {
    const hex = (n: number) => n.toString(16).padStart(16, "0");
    const before = collector.spans.length;
    const startMs = performance.now();
    for (let round = 0; round < 10; round++) {
      const flood = Array.from(
        { length: 100 },
        (_, i) => `00-${"c".repeat(16)}${hex(round * 100 + i + 1)}-${hex(7)}-01`,
      );
      await Promise.all(flood.map(async (traceparent) => (await post(command, { traceparent })).body.dump()));
    }
    const secs = (performance.now() - startMs) / 1000;
    const last = await inTrace(() => new Promise((resolve) => setTimeout(resolve, 1000)));
    expect(last).toHaveLength(32);
    await sidecar.stop();
    const commands = collector.spans.slice(before).filter(({ name }) => name === "byo ValidateSession");
    expect(commands.length).toBeGreaterThan(50);
    expect(commands.length).toBeLessThanOrEqual(100 * (Math.floor(secs) + 2));
  });
});

it("nothing is recorded without an endpoint, or if OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER say so", async () => {
  const before = collector.spans.length;
  const OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  for (const env of [
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: "true" },
    { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: "none" },
  ]) {
    const silent = await startTestSidecar({ env });
    const { session } = await connectedClient(silent);
    await inTrace(() => session.validate({ sessionToken: "x" }));
    await silent.stop();
  }
  expect(collector.spans).toHaveLength(before);
});

it("a collector that is away costs nothing but the traces", async () => {
  const alone = await startTestSidecar({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
  const { session } = await connectedClient(alone);
  await inTrace(async () => expect(await session.validate({ sessionToken: "x" })).toMatchObject({ status: 401 }));
  await alone.stop();
});
